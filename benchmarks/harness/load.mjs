// A closed-loop client on raw sockets: each connection sends a request, waits for the whole answer, sends the next.
import { connect } from 'node:net'

const received = Buffer.allocUnsafeSlow(65_536)

/** Keeps `connections` open to one server; `run` drives them for a while. */
export class Load {
  #sockets = []
  #port
  #running = false
  #lost = false
  #closed = false
  #done = 0
  #wrong = 0
  #latencies = []
  #request
  #accept

  /**
   * @param {number} port
   * @param {{ connections?: number, request: string, status?: number, bytes?: number, has?: string }} options `bytes`:
   *   length that the body must have; `has`: what the head must hold; other answers are counted as wrong
   */
  static async open(port, { connections = 32, request, status = 200, bytes, has = '' }) {
    const load = new Load()
    load.#port = port
    load.#request = Buffer.from(request, 'latin1')
    load.#accept = (head, length) =>
      head.startsWith(`HTTP/1.1 ${status} `) && (bytes === undefined || length === bytes) && head.includes(has)
    load.#sockets = Array.from({ length: connections }, () => ({ socket: undefined, rest: '', sent: 0, busy: false }))
    await Promise.all(load.#sockets.map((lane) => load.#connect(lane)))
    return load
  }

  #connect(lane) {
    return new Promise((resolve, reject) => {
      // Into one buffer for all, without a stream's work: what the client takes is missing to whoever shares its core.
      const onread = {
        buffer: received,
        callback: (bytes) => {
          this.#receive(lane, received.latin1Slice(0, bytes))
          return true
        },
      }
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, onread }, () => resolve())
      lane.socket = socket
      // Nothing comes by the stream but its end.
      socket.resume()
      socket.on('error', reject)
      socket.on('close', () => (this.#lost ||= !this.#closed && lane.socket === socket))
    })
  }

  #receive(lane, chunk) {
    lane.rest = lane.rest === '' ? chunk : lane.rest + chunk
    const end = lane.rest.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = lane.rest.slice(0, end)
    const length = bodyLength(head, lane.rest, end + 4)
    if (length === undefined || lane.rest.length < end + 4 + length.wire) return
    lane.rest = lane.rest.slice(end + 4 + length.wire)
    lane.busy = false
    this.#latencies.push(performance.now() - lane.sent)
    if (this.#accept(head, length.body)) this.#done += 1
    else this.#wrong += 1
    // A server may end a connection after some number of requests; whoever goes on opens another.
    if (closing.test(head)) {
      lane.busy = true
      void this.#connect(lane).then(() => this.#next(lane))
    } else this.#next(lane)
  }

  #next(lane) {
    lane.busy = false
    if (this.#running) this.#send(lane)
  }

  #send(lane) {
    lane.busy = true
    lane.sent = performance.now()
    lane.socket.write(this.#request)
  }

  /** Drives the server for `ms` and waits for what is under way. */
  async run(ms) {
    this.#done = 0
    this.#wrong = 0
    this.#latencies = []
    this.#running = true
    const start = performance.now()
    for (const lane of this.#sockets) this.#send(lane)
    await new Promise((resolve) => setTimeout(resolve, ms))
    this.#running = false
    while (this.#sockets.some(({ busy }) => busy) && !this.#lost) await new Promise((resolve) => setTimeout(resolve, 1))
    if (this.#lost) throw new Error('The server has closed a connection')
    return {
      done: this.#done,
      wrong: this.#wrong,
      seconds: (performance.now() - start) / 1000,
      latencies: this.#latencies,
    }
  }

  close() {
    this.#closed = true
    for (const { socket } of this.#sockets) socket.destroy()
  }
}

const closing = /\r\nconnection: *close/i

/** Length of the body in bytes, and of what stands for it on the wire; `undefined` while it is not all there. */
function bodyLength(head, text, from) {
  const given = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (given !== null) return { wire: Number(given[1]), body: Number(given[1]) }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { wire: 0, body: 0 }
  let body = 0
  for (let at = from; ;) {
    const line = text.indexOf('\r\n', at)
    if (line === -1) return undefined
    const size = Number.parseInt(text.slice(at, line), 16)
    at = line + 2 + size + 2
    if (at > text.length) return undefined
    if (size === 0) return { wire: at - from, body }
    body += size
  }
}
