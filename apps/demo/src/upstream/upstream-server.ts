import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the service behaves: a person switches it in the control room. */
export const faults = ['well', 'dead', 'slow', 'flapping', 'limited'] as const
/** One of {@link faults}. */
export type Fault = (typeof faults)[number]

/**
 * The service that the demo asks for exchange rates: an HTTP server of its own on the loopback interface, which can be made
 * to fail as services do. Begins to listen when it is first asked for.
 */
export class UpstreamServer {
  #fault: Fault = 'well'
  #server: Server | undefined = undefined
  #port = 0
  #requests = 0
  #changing: Promise<void> = Promise.resolve()

  get fault(): Fault {
    return this.#fault
  }

  /** Requests that have reached it. */
  get requests(): number {
    return this.#requests
  }

  /** Where it is, dead or not. */
  async url(path: '/rates' | '/completions'): Promise<string> {
    await this.#changing
    if (this.#port === 0) await this.#listen()
    return `http://127.0.0.1:${this.#port}${path}`
  }

  /** Makes it behave so. Dead is dead: it does not listen any more. */
  setFault(fault: Fault): Promise<void> {
    this.#changing = this.#change(this.#changing, fault)
    return this.#changing
  }

  async #change(before: Promise<void>, fault: Fault): Promise<void> {
    // What failed before was told to whoever asked for it.
    await before.catch(() => undefined)
    this.#fault = fault
    if (fault === 'dead') await this.#end()
    else if (this.#server === undefined) await this.#listen()
  }

  close(): Promise<void> {
    return this.setFault('dead')
  }

  #listen(): Promise<void> {
    const server = createServer((req, res) => {
      // Whoever goes before the end of the request gets no answer.
      this.#answer(req, res).catch(() => res.destroy())
    })
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', () => {
        this.#port = (server.address() as AddressInfo).port
        server.unref()
        resolve()
      })
    })
  }

  async #end(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    // Its place is known, also where it was never asked: what is dead must refuse connections.
    if (server === undefined && this.#port === 0) {
      await this.#listen()
      return this.#end()
    }
    if (server === undefined) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of req) body += String(chunk)
    const answer = req.url === '/completions' ? completionOf(body) : { base: 'EUR', rates: { USD: 1.09, CHF: 0.94 } }
    const isOdd = ++this.#requests % 2 === 1
    switch (this.#fault) {
      case 'slow':
        // Answers when nobody waits any more.
        setTimeout(() => send(res, 200, answer), 5000).unref()
        return
      case 'flapping':
        return send(res, isOdd ? 503 : 200, answer)
      case 'limited':
        if (isOdd) res.setHeader('Retry-After', '1')
        return send(res, isOdd ? 429 : 200, answer)
      default:
        return send(res, 200, answer)
    }
  }
}

function send(res: ServerResponse, status: number, answer: object): void {
  res.writeHead(status, { 'Content-Type': 'application/json' })
  res.end(status === 200 ? JSON.stringify(answer) : '{}')
}

/** No model is asked: the first sentence stands for a summary. The form is that of OpenAI's answers. */
function completionOf(body: string): object {
  const { messages } = JSON.parse(body) as { messages: { content: string }[] }
  const text = messages.map(({ content }) => content).join('\n')
  const content = text.split('. ')[0] ?? ''
  const count = (words: string): number => Math.ceil(words.length / 4)
  return {
    choices: [{ message: { role: 'assistant', content } }],
    usage: { prompt_tokens: count(text), completion_tokens: count(content) },
  }
}
