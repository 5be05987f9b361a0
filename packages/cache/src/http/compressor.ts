import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import type { Encoding } from './accept-encoding.js'

type Zstd = {
  zstdCompressSync(data: Uint8Array): Buffer
  createZstdCompress(options?: { chunkSize: number }): Transform
}

/** Compresses at once. Text goes as UTF-8. */
export function compressNow(body: string | Uint8Array, encoding: Encoding): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const chunkSize = chunkSizeFor(bytes.byteLength)
  if (encoding === 'gzip') return zlib.gzipSync(bytes, { level: 1, chunkSize })
  if (encoding === 'zstd') return (zlib as unknown as Zstd).zstdCompressSync(bytes)
  return zlib.brotliCompressSync(bytes, { params: brotliParams(bytes.byteLength), chunkSize })
}

/** A stream that compresses. @param size - bytes that will come; 0 where nobody knows */
export function compressStream(encoding: Encoding, size = 0): Transform {
  const chunkSize = chunkSizeFor(size)
  if (encoding === 'gzip') return zlib.createGzip({ level: 1, chunkSize })
  if (encoding === 'zstd') return (zlib as unknown as Zstd).createZstdCompress({ chunkSize })
  return zlib.createBrotliCompress({ params: brotliParams(size), chunkSize })
}

/** Room for what comes out of one call, so that most bodies take one; Node's default is 16 KB. */
function chunkSizeFor(size: number): number {
  return Math.min(128 * 1024, Math.max(16 * 1024, Math.ceil(size / 2)))
}

function brotliParams(size: number): Record<number, number> {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
  return { [BROTLI_PARAM_QUALITY]: 1, [BROTLI_PARAM_SIZE_HINT]: size }
}
