import type { IncomingMessage, ServerResponse } from 'node:http'
import { canEndInOne } from '@hardening/core'
import type { PrecomputedRefusal } from '@hardening/ratelimit'

type Lines = readonly (readonly [name: string, value: string])[]

/** What goes out for a refusal, for as long as none of it changes: a second at most. */
interface Answer {
  readonly refusal: PrecomputedRefusal
  readonly origin: string | undefined
  readonly second: number
  readonly hint: string
  /** Header lines without those that Node adds by itself. */
  readonly own: string
  /** Everything before the request's id. */
  readonly head: string
  readonly body: string
}

/** Most origins whose lines are remembered. */
const mostOrigins = 100

/** A refusal says these itself. */
const told = new Set(['content-type', 'content-length', 'cache-control', 'retry-after'])

/** Writes refusals, each as one text in one write where Node allows it: see docs/decisions/answers-in-one-write.md. */
export class Refusals {
  readonly #fixed: string
  readonly #headersFor: ((origin: string | undefined) => Lines) | undefined
  readonly #byOrigin = new Map<string | undefined, string>()
  readonly #answers = new WeakMap<PrecomputedRefusal, Answer>()
  readonly #writesWhole: boolean

  /**
   * @param fixed - headers of every answer
   * @param headersFor - headers that depend on the origin of the request
   */
  constructor(fixed: Lines, headersFor?: (origin: string | undefined) => Lines, writesWhole: boolean = canEndInOne()) {
    const byName = new Map(fixed.map((line) => [line[0].toLowerCase(), line]))
    this.#fixed = linesOf([...byName].flatMap(([name, line]) => (told.has(name) ? [] : [line])))
    this.#headersFor = headersFor
    this.#writesWhole = writesWhole
  }

  /** The answer to a request. @param now - wall-clock milliseconds */
  answerFor(refusal: PrecomputedRefusal, req: IncomingMessage, now: number): Answer {
    const { origin } = req.headers
    const second = Math.floor(now / 1000)
    const hint = keepAliveHint(req)
    const known = this.#answers.get(refusal)
    if (known?.second === second && known.origin === origin && known.hint === hint) return known
    const own = refusal.head.slice(refusal.head.indexOf('\r\n') + 2) + this.#fixed + this.#linesFor(origin)
    const date = new Date(second * 1000).toUTCString()
    const head = `HTTP/1.1 429 Too Many Requests\r\n${own}Date: ${date}\r\nConnection: keep-alive\r\n${hint}`
    const answer: Answer = {
      refusal,
      origin,
      second,
      hint,
      own,
      head,
      body: `\r\n${refusal.body.toString('latin1')}`,
    }
    this.#answers.set(refusal, answer)
    return answer
  }

  /** Answers. Must not be called where the head is out already. */
  write({ refusal, own, head, body }: Answer, req: IncomingMessage, res: ServerResponse, id: string | undefined): void {
    res.statusCode = refusal.status
    if (!this.#writesWhole || !isUsual(req, res)) {
      const idLine = id === undefined ? '' : `X-Request-Id: ${id}\r\n`
      res.writeHead(refusal.status, fieldsOf(own + idLine))
      res.end(refusal.body)
      return
    }
    let text = id === undefined ? head : `${head}X-Request-Id: ${id}\r\n`
    text += req.method === 'HEAD' ? '\r\n' : body
    ;(res as unknown as { _header: string })._header = text
    res.end()
  }

  #linesFor(origin: string | undefined): string {
    if (this.#headersFor === undefined) return ''
    let lines = this.#byOrigin.get(origin)
    if (lines === undefined) {
      lines = linesOf(this.#headersFor(origin))
      if (this.#byOrigin.size >= mostOrigins) this.#byOrigin.clear()
      if (origin === undefined || origin.length < 300) this.#byOrigin.set(origin, lines)
    }
    return lines
  }
}

function linesOf(headers: Lines): string {
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}

/** Name and value in turn. */
function fieldsOf(lines: string): string[] {
  return lines.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon === -1 ? [] : [line.slice(0, colon), line.slice(colon + 2)]
  })
}

let knownHint = { keepAliveTimeout: -1, maxRequestsPerSocket: -1, line: '' }

/** How long the server keeps the connection, and for how many requests, as Node says it. */
function keepAliveHint({ socket }: IncomingMessage): string {
  const { server } = socket as { server?: { keepAliveTimeout?: number; maxRequestsPerSocket?: number | null } }
  const keepAliveTimeout = server?.keepAliveTimeout ?? 0
  const maxRequestsPerSocket = server?.maxRequestsPerSocket ?? 0
  if (knownHint.keepAliveTimeout !== keepAliveTimeout || knownHint.maxRequestsPerSocket !== maxRequestsPerSocket) {
    const most = maxRequestsPerSocket > 0 ? `, max=${maxRequestsPerSocket}` : ''
    const line = keepAliveTimeout > 0 ? `Keep-Alive: timeout=${Math.floor(keepAliveTimeout / 1000)}${most}\r\n` : ''
    knownHint = { keepAliveTimeout, maxRequestsPerSocket, line }
  }
  return knownHint.line
}

/** Whether the connection goes on as most do, and nobody has put anything on the response: then the text is all there is. */
function isUsual(req: IncomingMessage, res: ServerResponse): boolean {
  return (
    res.shouldKeepAlive &&
    req.httpVersion === '1.1' &&
    (res as { maxRequestsOnConnectionReached?: boolean }).maxRequestsOnConnectionReached !== true &&
    res.getHeaderNames().length === 0
  )
}
