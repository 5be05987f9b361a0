import { connect } from 'node:net'

/** An answer as it came on the wire. */
export interface WireAnswer {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** Sends bytes as they are and gives everything that came until the server closed: the last request has to ask for it. */
export function converse(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => (text += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

/** Takes answers apart that follow each other on one connection; `bodiless` says which of them, by place, have no body. */
export function answersIn(text: string, bodiless: readonly number[] = []): WireAnswer[] {
  const answers: WireAnswer[] = []
  for (let rest = text; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) throw new Error(`No end of a head in ${JSON.stringify(rest)}`)
    const head = rest.slice(0, end)
    const isBodiless = bodiless.includes(answers.length) || /^HTTP\/1.1 (?:1\d\d|204|304)/.test(head)
    const length = isBodiless ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
    // Without a length the body goes on until the end.
    const stop = Number.isNaN(length) ? rest.length : end + 4 + length
    answers.push({ status: Number(head.slice(9, 12)), head, body: rest.slice(end + 4, stop) })
    rest = rest.slice(stop)
  }
  return answers
}
