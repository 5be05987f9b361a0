import { createHash } from 'node:crypto'
import * as crypto from 'node:crypto'
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { LRUCache } from 'lru-cache'
import type { Encoding } from './accept-encoding.js'

type Zstd = {
  zstdCompressSync(data: Uint8Array): Buffer
  createZstdCompress(): Transform
}

/** Bodies that never change while they live, and what they are compressed: no bytes have to be looked at twice. */
const compressedOf = new WeakMap<Uint8Array, Map<Encoding, Buffer>>()

/** Says that these bytes will never be changed, so that what they are compressed can be kept with them. */
export function neverChanges(body: Uint8Array): void {
  compressedOf.set(body, new Map())
}

/** Compresses, and remembers what it has compressed by what was in it. */
export class Compressor {
  readonly #kept: LRUCache<string, Buffer> | undefined

  /** @param maxBytes - of compressed bodies that are remembered; 0 for none */
  constructor(maxBytes: number) {
    this.#kept =
      maxBytes === 0 ? undefined : new LRUCache({ maxSize: maxBytes, sizeCalculation: (body) => body.length + 100 })
  }

  /** The compressed bytes, if they are known already. */
  find(body: Uint8Array, encoding: Encoding): Buffer | undefined {
    const fixed = compressedOf.get(body)
    if (fixed !== undefined) return fixed.get(encoding)
    return this.#kept?.get(contentKey(body, encoding))
  }

  keep(body: Uint8Array, encoding: Encoding, compressed: Buffer): void {
    const fixed = compressedOf.get(body)
    if (fixed !== undefined) fixed.set(encoding, compressed)
    else this.#kept?.set(contentKey(body, encoding), compressed)
  }

  now(body: Uint8Array, encoding: Encoding): Buffer {
    const compressed = compressNow(body, encoding)
    this.keep(body, encoding, compressed)
    return compressed
  }
}

function compressNow(body: Uint8Array, encoding: Encoding): Buffer {
  if (encoding === 'gzip') return zlib.gzipSync(body, { level: 1 })
  if (encoding === 'zstd') return (zlib as unknown as Zstd).zstdCompressSync(body)
  return zlib.brotliCompressSync(body, { params: brotliParams(body.byteLength) })
}

/** A stream that compresses. @param size - bytes that will come; 0 where nobody knows */
export function compressStream(encoding: Encoding, size = 0): Transform {
  if (encoding === 'gzip') return zlib.createGzip({ level: 1 })
  if (encoding === 'zstd') return (zlib as unknown as Zstd).createZstdCompress()
  return zlib.createBrotliCompress({ params: brotliParams(size) })
}

function brotliParams(size: number): Record<number, number> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
  return { [BROTLI_PARAM_QUALITY]: 1, [BROTLI_PARAM_SIZE_HINT]: size }
}

// A hash in which nobody finds two bodies of one value: else one could be sent in place of the other.
function contentKey(body: Uint8Array, encoding: Encoding): string {
  const digest =
    typeof crypto.hash === 'function'
      ? crypto.hash('sha256', body, 'base64')
      : createHash('sha256').update(body).digest('base64')
  return `${encoding}${digest}`
}
