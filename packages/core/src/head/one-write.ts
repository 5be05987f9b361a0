import { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { isLengthSet } from './out-headers.js'

type End = ServerResponse['end']

/** What of a response is Node's own: see docs/decisions/answers-in-one-write.md. */
interface Inside {
  _header: unknown
  readonly _hasBody: boolean
  readonly chunkedEncoding: boolean
  readonly strictContentLength: boolean
}

/** Node writes text up to here without asking for memory; in longer bodies the one write is no longer what counts. */
const mostInOne = 16 * 1024

/**
 * Ends a response, its head and a short body as one text in one write. Node makes two of them, with a third that is
 * empty, and hands all to the system in a list. Whatever is not the usual case ends as Node does it.
 *
 * @param end - Node's own
 * @param bytes - length of `chunk` on the wire
 */
export function endInOneWrite(
  res: ServerResponse,
  end: End,
  chunk: unknown,
  encoding: unknown,
  callback: unknown,
  bytes: number,
): void {
  if (
    bytes > 0 &&
    bytes <= mostInOne &&
    callback === undefined &&
    !res.headersSent &&
    isSingle(chunk, encoding, bytes)
  ) {
    const inside = res as unknown as Inside
    if (isLengthSet(res) && !inside.strictContentLength && canEndInOne()) {
      res.writeHead(res.statusCode)
      if (inside._hasBody && !inside.chunkedEncoding && typeof inside._header === 'string') {
        inside._header += typeof chunk === 'string' ? chunk : chunk.toString('latin1')
        ;(end as () => unknown).call(res)
        return
      }
    }
  }
  end.call(res, chunk, encoding as BufferEncoding, callback as () => void)
}

/** Whether a chunk can stand in Latin-1, in which Node writes heads, and be the same bytes. */
function isSingle(chunk: unknown, encoding: unknown, bytes: number): chunk is string | Buffer {
  // `end(chunk, callback)` has its callback in the place of the encoding.
  if (typeof chunk !== 'string') return Buffer.isBuffer(chunk) && typeof encoding !== 'function'
  return chunk.length === bytes && (encoding === 'latin1' || encoding === 'utf8' || encoding === undefined)
}

let works: boolean | undefined

/** Tries once, on a connection that leads nowhere, whether what stands in `_header` is what an `end()` sends. */
export function canEndInOne(): boolean {
  if (works !== undefined) return works
  try {
    let sent = ''
    const socket = new Writable({
      decodeStrings: false,
      write(chunk: unknown, _encoding, done) {
        sent += String(chunk)
        done()
      },
    })
    const res = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as never)
    res.assignSocket(socket as never)
    res.sendDate = false
    res.setHeader('Content-Length', 1)
    res.writeHead(200)
    const inside = res as unknown as Inside
    const isKnown = typeof inside._header === 'string' && inside._hasBody && !inside.chunkedEncoding
    inside._header += 'x'
    res.end()
    works = isKnown && sent.startsWith('HTTP/1.1 200 OK\r\n') && sent.endsWith('\r\n\r\nx') && res.writableEnded
    socket.destroy()
  } catch {
    works = false
  }
  return works
}
