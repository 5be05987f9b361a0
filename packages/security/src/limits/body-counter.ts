import type { Exchange } from '@hardening/core'
import { answerInstead } from '../answer-instead.js'
import { BodySizeError } from '../errors.js'

type Push = (chunk: unknown, encoding?: BufferEncoding) => boolean

/**
 * Counts a body that did not say how long it is as it comes in, and answers 413 once it is too long. Whoever reads it
 * gets no more of it; the connection is closed.
 */
export function countBody(exchange: Exchange, limitBytes: number, tell: () => void): void {
  const { req } = exchange
  const push = req.push.bind(req) as Push
  let bytes = 0
  let over = false
  req.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (over) return true
    if (ArrayBuffer.isView(chunk)) bytes += chunk.byteLength
    if (bytes <= limitBytes) return push(chunk, encoding)
    over = true
    tell()
    if (!answerInstead(exchange, new BodySizeError(limitBytes))) req.destroy()
    return true
  }
}
