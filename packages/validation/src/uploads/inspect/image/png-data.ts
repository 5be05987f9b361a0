import { createInflate } from 'node:zlib'
import { piecesOf, type ByteSource } from '../byte-source.js'
import { inflated } from '../inflated.js'
import { RefusedContent } from '../refusal.js'
import { pngHeader, PngChunks, type PngChunk } from './png.js'

/** What texts and a colour profile may unpack to, together; libpng has this bound for each. */
const mostExtra = 8_000_000

/** Channels by colour type (W3C PNG section 11.2.2). */
const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** First and step of the columns and rows of the seven passes of an interlaced picture (section 8.1). */
const passes: readonly (readonly [x: number, y: number, dx: number, dy: number])[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
]

/**
 * Unpacks a PNG into nothing and refuses one of which more comes out than its sizes need: a few kilobytes can become gigabytes for
 * a program that unpacks before it counts.
 *
 * @throws RefusedContent `image_bomb`, `broken`
 */
export async function refusePngBomb(source: ByteSource): Promise<void> {
  const header = (await pngHeader(source)) as Buffer
  const bits = (header[8] as number) * (channels[header[9] as number] ?? 0)
  if (bits === 0) throw new RefusedContent('broken', 'is damaged')
  const interlaced = header[12] === 1
  let allowed = bytesOf(header.readUInt32BE(0), header.readUInt32BE(4), bits, interlaced)
  let extra = mostExtra
  let hasData = false
  const chunks = new PngChunks(source)
  let chunk = await chunks.next()
  while (chunk !== undefined) {
    const { type } = chunk
    if (type === 'IDAT' || type === 'fdAT') {
      hasData = true
      const run = new ChunkRun(source, chunks, chunk)
      await unpack(run.pieces(), allowed)
      chunk = await run.rest()
      continue
    }
    if (type === 'fcTL') {
      const frame = await source.read(chunk.at, 12)
      if (frame.length === 12) allowed = bytesOf(frame.readUInt32BE(4), frame.readUInt32BE(8), bits, interlaced)
    } else if (type === 'zTXt' || type === 'iTXt' || type === 'iCCP') {
      extra -= await unpackExtra(source, chunk, extra)
    }
    chunk = await chunks.next()
  }
  if (!hasData) throw new RefusedContent('broken', 'is damaged')
}

/** Chunks of one kind in a row, which hold one packed stream. */
class ChunkRun {
  readonly #source: ByteSource
  readonly #chunks: PngChunks
  readonly #type: string
  #current: PngChunk | undefined

  constructor(source: ByteSource, chunks: PngChunks, first: PngChunk) {
    this.#source = source
    this.#chunks = chunks
    this.#type = first.type
    this.#current = first
  }

  async *pieces(): AsyncGenerator<Buffer, void, undefined> {
    while (this.#current?.type === this.#type) {
      const { at, length } = this.#current
      // A chunk of an animation begins with its number.
      yield* piecesOf(this.#source, at + (this.#type === 'fdAT' ? 4 : 0), at + length)
      this.#current = await this.#chunks.next()
    }
  }

  /** Passes what nobody asked for; returns the chunk behind. */
  async rest(): Promise<PngChunk | undefined> {
    while (this.#current?.type === this.#type) this.#current = await this.#chunks.next()
    return this.#current
  }
}

async function unpack(packed: AsyncIterable<Buffer>, most: number): Promise<number> {
  let size = 0
  for await (const piece of inflated(createInflate({ chunkSize: 65_536 }), packed)) {
    size += piece.length
    if (size > most) throw new RefusedContent('image_bomb', 'unpacks to more than its size needs')
  }
  return size
}

/** A packed text or profile (sections 11.3.2.3, 11.3.3.3 and 11.3.3.4): readers pass over damaged ones, and so do we. */
async function unpackExtra(source: ByteSource, { type, at, length }: PngChunk, most: number): Promise<number> {
  const head = await source.read(at, Math.min(length, 4_096))
  let from = head.indexOf(0) + 2
  if (type === 'iTXt') {
    if (head[from - 1] !== 1) return 0
    from = head.indexOf(0, head.indexOf(0, from + 1) + 1) + 1
  }
  try {
    return await unpack(piecesOf(source, at + from, at + length), most)
  } catch (error) {
    if ((error as RefusedContent).refusal?.code === 'broken') return 0
    throw error
  }
}

/** Bytes of the rows, each with the number of its filter before it (section 7.2). */
function bytesOf(width: number, height: number, bits: number, interlaced: boolean): number {
  const rows = (columns: number, count: number): number =>
    columns === 0 ? 0 : count * (1 + Math.ceil((columns * bits) / 8))
  if (!interlaced) return rows(width, height)
  return passes.reduce(
    (sum, [x, y, dx, dy]) =>
      sum + rows(Math.max(0, Math.ceil((width - x) / dx)), Math.max(0, Math.ceil((height - y) / dy))),
    0,
  )
}
