import type { FileHandle } from 'node:fs/promises'

/** Bytes that are looked into piece by piece. */
export interface ByteSource {
  readonly size: number
  /** Bytes from `at` on; fewer than asked for at the end. */
  read(at: number, length: number): Promise<Buffer>
}

/** The bytes of an open file. */
export class FileSource implements ByteSource {
  readonly size: number
  readonly #handle: FileHandle

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle
    this.size = size
  }

  async read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - at)))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, at + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  }
}

/** Bytes in memory: an archive within an archive. */
export class MemorySource implements ByteSource {
  readonly size: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.size = bytes.length
  }

  read(at: number, length: number): Promise<Buffer> {
    return Promise.resolve(this.#bytes.subarray(at, at + length))
  }
}

/** The bytes from `from` to `to` in pieces. */
export async function* piecesOf(
  source: ByteSource,
  from = 0,
  to: number = source.size,
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = from; at < to;) {
    const piece = await source.read(at, Math.min(65_536, to - at))
    if (piece.length === 0) return
    yield piece
    at += piece.length
  }
}
