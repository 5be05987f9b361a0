import { ByteReader } from '../byte-reader.js'
import type { ByteSource } from '../byte-source.js'
import { Extent } from './extent.js'
import type { ImageSize } from './image-size.js'

/** A chunk of a PNG: where its data stands. */
export interface PngChunk {
  readonly type: string
  readonly at: number
  readonly length: number
}

/** The size in the header, and that of the frames of an animation (W3C PNG sections 11.2.2 and 11.3.6). */
export async function pngSize(source: ByteSource): Promise<ImageSize | undefined> {
  const header = await pngHeader(source)
  if (header === undefined) return undefined
  const extent = new Extent()
  extent.atLeast(header.readUInt32BE(0), header.readUInt32BE(4))
  const chunks = new PngChunks(source)
  for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next()) {
    if (chunk.type !== 'fcTL') continue
    const frame = await source.read(chunk.at, 20)
    if (frame.length === 20) extent.add(frame.readUInt32BE(4), frame.readUInt32BE(8))
  }
  return extent.size
}

/** The data of the chunk that every PNG begins with; nothing where it does not. */
export async function pngHeader(source: ByteSource): Promise<Buffer | undefined> {
  const chunk = await source.read(8, 21)
  const begins = chunk.length === 21 && chunk.readUInt32BE(0) === 13 && chunk.toString('latin1', 4, 8) === 'IHDR'
  return begins ? chunk.subarray(8) : undefined
}

/** The chunks of a PNG, one after the other. */
export class PngChunks {
  readonly #reader: ByteReader
  #next = 8
  #ended = false

  constructor(source: ByteSource) {
    this.#reader = new ByteReader(source, 8)
  }

  async next(): Promise<PngChunk | undefined> {
    if (this.#ended) return undefined
    this.#reader.skip(this.#next - this.#reader.at)
    const head = await this.#reader.take(8)
    if (head === undefined) return undefined
    const chunk = { type: head.toString('latin1', 4, 8), at: this.#reader.at, length: head.readUInt32BE(0) }
    // Behind the data stands its checksum.
    this.#next = chunk.at + chunk.length + 4
    this.#ended = chunk.type === 'IEND'
    return chunk
  }
}
