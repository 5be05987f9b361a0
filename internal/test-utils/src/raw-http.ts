import { connect } from 'node:net'

export interface RawHttpOptions {
  /** How long to wait for more, in milliseconds; then what has come is returned. @defaultValue 2000 */
  within?: number
  /** Whether to end the writing side after the bytes. @defaultValue false */
  end?: boolean
}

/** What came back on the socket. */
export interface RawReply {
  /** Everything, byte for byte, as latin1 text. */
  readonly text: string
  /** Status of the first response; `undefined` when none came. */
  readonly status: number | undefined
  /** Header lines of the first response as they were sent, in their order. */
  readonly headerLines: readonly (readonly [name: string, value: string])[]
  /** Value of the first header of that name, in any case of letters. */
  header(name: string): string | undefined
  /** What follows the first header block, as it was sent: chunks are not joined. */
  readonly body: string
  /** Whether the server ended the connection. */
  readonly isClosed: boolean
}

/**
 * Sends bytes as they are and returns what comes back: for requests that no HTTP client would send. Resolves when the
 * first response is complete by its length or its last chunk, when the server ends the connection, or when time is up.
 */
export function rawHttp(url: string | URL, bytes: string | Buffer, options: RawHttpOptions = {}): Promise<RawReply> {
  const { within = 2000, end = false } = options
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    let isClosed = false
    const finish = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(parse(Buffer.concat(chunks).toString('latin1'), isClosed))
    }
    const timer = setTimeout(finish, within)
    socket.on('connect', () => {
      if (end) socket.end(bytes)
      else socket.write(bytes)
    })
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (isComplete(parse(Buffer.concat(chunks).toString('latin1'), false))) finish()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that refuses may reset the connection while bytes of ours are on the way: that is an end as well.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return
      clearTimeout(timer)
      reject(error)
    })
    socket.on('close', () => {
      isClosed = true
      finish()
    })
  })
}

function parse(text: string, isClosed: boolean): RawReply {
  const headEnd = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = (headEnd === -1 ? text : text.slice(0, headEnd)).split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1]
  const headerLines = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return {
    text,
    status: status === undefined ? undefined : Number(status),
    headerLines,
    header: (name) => headerLines.find(([known]) => known.toLowerCase() === name.toLowerCase())?.[1],
    body: headEnd === -1 ? '' : text.slice(headEnd + 4),
    isClosed,
  }
}

function isComplete(reply: RawReply): boolean {
  if (reply.status === undefined || !reply.text.includes('\r\n\r\n')) return false
  if (reply.status === 204 || reply.status === 304) return true
  const length = reply.header('content-length')
  if (length !== undefined) return reply.body.length >= Number(length)
  const { body } = reply
  const ends = body.endsWith('\r\n\r\n') && (body.startsWith('0\r\n') || body.includes('\r\n0\r\n'))
  return ends && reply.header('transfer-encoding') !== undefined
}
