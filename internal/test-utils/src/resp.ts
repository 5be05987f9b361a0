import { connect } from 'node:net'

/** A reply of Redis as plain values; error replies are thrown. */
export type Reply = string | number | null | Reply[]

/** What Redis answered with a leading `-`. */
export class ReplyError extends Error {
  override readonly name: string = 'ReplyError'
}

/**
 * Sends one command over a connection of its own and returns the reply, so that a test can look at a server without
 * the client under test.
 */
export function redisCommand(port: number, ...args: (string | number)[]): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = Buffer.alloc(0)
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(2000, () => fail(new Error(`no reply to ${args[0]} on port ${port}`)))
    socket.on('error', fail)
    socket.on('close', () => reject(new Error(`port ${port} closed the connection`)))
    socket.on('connect', () => socket.write(encode(args)))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const parsed = decode(received, 0)
      if (parsed === undefined) return
      socket.destroy()
      if (parsed.value instanceof ReplyError) reject(parsed.value)
      else resolve(parsed.value)
    })
  })
}

function encode(args: (string | number)[]): string {
  const parts = args.map((arg) => `$${Buffer.byteLength(String(arg))}\r\n${arg}\r\n`)
  return `*${args.length}\r\n${parts.join('')}`
}

interface Decoded {
  readonly value: Reply | ReplyError
  readonly next: number
}

/** Reads one RESP2 value; `undefined` while it is not complete. */
function decode(buffer: Buffer, start: number): Decoded | undefined {
  const lineEnd = buffer.indexOf('\r\n', start)
  if (lineEnd === -1) return undefined
  const type = buffer.toString('latin1', start, start + 1)
  const line = buffer.toString('utf8', start + 1, lineEnd)
  const next = lineEnd + 2
  if (type === '+') return { value: line, next }
  if (type === '-') return { value: new ReplyError(line), next }
  if (type === ':') return { value: Number(line), next }
  const length = Number(line)
  if (length === -1) return { value: null, next }
  if (type === '$') {
    const end = next + length
    return buffer.length < end + 2 ? undefined : { value: buffer.toString('utf8', next, end), next: end + 2 }
  }
  if (type !== '*') throw new Error(`unexpected RESP type ${JSON.stringify(type)}`)
  const values: Reply[] = []
  let position = next
  for (let index = 0; index < length; index++) {
    const item = decode(buffer, position)
    if (item === undefined) return undefined
    if (item.value instanceof ReplyError) throw item.value
    values.push(item.value)
    position = item.next
  }
  return { value: values, next: position }
}
