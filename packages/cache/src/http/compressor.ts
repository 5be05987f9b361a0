import { createHash } from 'node:crypto'
import * as crypto from 'node:crypto'
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { isFixed } from '../data/fixed-bytes.js'
import type { Encoding } from './accept-encoding.js'

type Zstd = {
  zstdCompressSync(data: Uint8Array): Buffer
  createZstdCompress(): Transform
}

/** Compresses, and remembers what it has compressed by what was in it. */
export class Compressor {
  readonly #kept: LRUCache<string, Buffer> | undefined
  /** Names of bodies that never change: their bytes need not be looked at twice. */
  readonly #names = new WeakMap<Uint8Array, string>()
  #lastName = 0

  /** @param maxBytes - of compressed bodies that are remembered; 0 for none */
  constructor(maxBytes: number) {
    this.#kept =
      maxBytes === 0 ? undefined : new LRUCache({ maxSize: maxBytes, sizeCalculation: (body) => body.length + 100 })
  }

  /** The compressed bytes, if they are known already. */
  find(body: Uint8Array, encoding: Encoding): Buffer | undefined {
    return this.#kept?.get(this.#key(body, encoding))
  }

  keep(body: Uint8Array, encoding: Encoding, compressed: Buffer): void {
    this.#kept?.set(this.#key(body, encoding), compressed)
  }

  now(body: Uint8Array, encoding: Encoding): Buffer {
    const compressed = compressNow(body, encoding)
    this.keep(body, encoding, compressed)
    return compressed
  }

  #key(body: Uint8Array, encoding: Encoding): string {
    if (!isFixed(body)) return contentKey(body, encoding)
    let name = this.#names.get(body)
    if (name === undefined) this.#names.set(body, (name = `${++this.#lastName}`))
    return encoding + name
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
  return `${encoding}:${digest}`
}
