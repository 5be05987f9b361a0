import type { Transform } from 'node:stream'
import { constants } from 'node:zlib'
import type { BodySink, Exchange } from '@hardening/core'
import type { Encoding } from './accept-encoding.js'
import { compressNow, compressStream } from './compressor.js'
import type { Body, KeptBodies, Lookup } from './kept-bodies.js'

/** What `compress` decides with. */
export interface CompressRules {
  readonly thresholdBytes: number
  /** `undefined` where none are kept. */
  readonly kept: KeptBodies | undefined
  /** Whether the response may be compressed at all, by its head. */
  isCompressible(exchange: Exchange): boolean
}

/** Up to here a body is compressed at once: it takes less time than to hand it over to another thread. */
const atOnceBytes = 64 * 1024

/** Stands before the body of a response whose client accepts a coding. */
export class CompressSink implements BodySink {
  readonly #exchange: Exchange
  readonly #inner: BodySink
  readonly #encoding: Encoding
  readonly #rules: CompressRules
  #state: 'open' | 'plain' | 'stream' = 'open'
  #stream: Transform | undefined
  #flush: (() => void) | undefined

  constructor(exchange: Exchange, inner: BodySink, encoding: Encoding, rules: CompressRules) {
    this.#exchange = exchange
    this.#inner = inner
    this.#encoding = encoding
    this.#rules = rules
  }

  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (this.#state === 'open') this.#begin()
    if (this.#stream === undefined) return this.#inner.write(chunk, encoding, callback)
    const done = typeof encoding === 'function' ? encoding : callback
    const isFree = this.#stream.write(toBuffer(chunk, encoding), done as () => void)
    this.#flush?.()
    return isFree
  }

  end(chunk?: unknown, encoding?: unknown, callback?: unknown): void {
    if (typeof chunk === 'function') return this.end(undefined, undefined, chunk)
    if (typeof encoding === 'function') return this.end(chunk, undefined, encoding)
    if (this.#state === 'open') return this.#whole(chunk, encoding, callback)
    if (this.#stream === undefined) return this.#inner.end(chunk, encoding, callback)
    if (typeof callback === 'function') this.#exchange.res.once('finish', callback as () => void)
    if (chunk === undefined || chunk === null) this.#stream.end()
    else this.#stream.end(toBuffer(chunk, encoding))
  }

  /** The head is about to go out, and no more than it is known of the body. */
  decide(): void {
    if (this.#state === 'open') this.#decideByHead()
  }

  /** The client has gone. */
  destroy(): void {
    this.#stream?.destroy()
  }

  #whole(chunk: unknown, encoding: unknown, callback: unknown): void {
    const { res } = this.#exchange
    const length = chunk === undefined || chunk === null ? 0 : lengthOf(chunk, encoding)
    this.#state = 'plain'
    if (length < this.#rules.thresholdBytes || !this.#rules.isCompressible(this.#exchange)) {
      this.#inner.end(chunk, encoding, callback)
      return
    }
    const { kept } = this.#rules
    const isLatin1 = typeof chunk === 'string' && encoding === 'latin1'
    const isText = typeof chunk === 'string' && (isLatin1 || isUtf8(encoding))
    const body = isText ? chunk : toBuffer(chunk, encoding)
    const found = kept?.look(body, this.#encoding, res.getHeader('etag'), isLatin1)
    if (found?.compressed === undefined && length > atOnceBytes) {
      this.#open(length)
      if (found !== undefined) this.#collect(body, found)
      this.end(body, isLatin1 ? encoding : undefined, callback)
      return
    }
    let compressed = found?.compressed
    if (compressed === undefined) {
      compressed = compressNow(isLatin1 ? toBuffer(chunk, encoding) : body, this.#encoding)
      if (found !== undefined && kept?.admits(body, found.key)) kept.keep(body, found.key, compressed)
    }
    if (compressed.length >= length) {
      this.#inner.end(chunk, encoding, callback)
      return
    }
    this.#setHead()
    res.setHeader('Content-Length', compressed.length)
    this.#inner.end(compressed, undefined, callback)
  }

  /** The first of several chunks has come. */
  #begin(): void {
    const { res } = this.#exchange
    // The head goes out with the first chunk, as it would without us, though the bytes of it may come later.
    if (!res.headersSent) res.writeHead(res.statusCode)
    if (this.#state === 'open') this.#decideByHead()
  }

  #decideByHead(): void {
    const { res } = this.#exchange
    this.#state = 'plain'
    const length = res.getHeader('content-length')
    const isSmall = length !== undefined && Number(length) < this.#rules.thresholdBytes
    if (res.headersSent || isSmall || !this.#rules.isCompressible(this.#exchange)) return
    this.#open(length === undefined ? 0 : Number(length))
  }

  #open(size: number): void {
    const { res } = this.#exchange
    this.#state = 'stream'
    this.#setHead()
    res.removeHeader('Content-Length')
    const stream = compressStream(this.#encoding, size)
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      if (!this.#inner.write(chunk)) stream.pause()
    })
    const resume = (): void => void stream.resume()
    res.on('drain', resume)
    stream.on('drain', () => res.emit('drain'))
    stream.on('end', () => {
      res.off('drain', resume)
      this.#inner.end()
    })
    stream.on('error', (error) => res.destroy(error))
    this.#letFlush(stream)
  }

  /** Events are worth nothing if they wait for more bytes. */
  #letFlush(stream: Transform): void {
    const { res } = this.#exchange
    const flush = (): void => {
      const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = constants
      const kind = this.#encoding === 'gzip' ? Z_SYNC_FLUSH : this.#encoding === 'br' ? BROTLI_OPERATION_FLUSH : 1
      ;(stream as unknown as { flush(kind: number): void }).flush(kind)
    }
    Object.defineProperty(res, 'flush', { value: flush, configurable: true, writable: true })
    if (String(res.getHeader('content-type')).startsWith('text/event-stream')) this.#flush = flush
  }

  /** Keeps what comes out of the stream, for the next response of the same content. */
  #collect(body: Body, { key }: Lookup): void {
    const { kept } = this.#rules
    if (kept?.admits(body, key) !== true) return
    const chunks: Buffer[] = []
    this.#stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
    this.#stream?.on('end', () => kept.keep(body, key, Buffer.concat(chunks)))
  }

  #setHead(): void {
    const { res } = this.#exchange
    res.setHeader('Content-Encoding', this.#encoding)
    res.removeHeader('Accept-Ranges')
    const tag = res.getHeader('etag')
    // A strong tag promises the very bytes (RFC 9110 section 8.8.1).
    if (typeof tag === 'string' && tag.startsWith('"')) res.setHeader('ETag', `W/${tag}`)
  }
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  return typeof chunk === 'string'
    ? Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
    : (chunk as Uint8Array).byteLength
}

function isUtf8(encoding: unknown): boolean {
  return encoding === undefined || encoding === 'utf8' || encoding === 'utf-8'
}

function toBuffer(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk === 'string') {
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return chunk as Buffer
}
