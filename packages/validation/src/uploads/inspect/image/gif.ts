import { ByteReader } from '../byte-reader.js'
import type { ByteSource } from '../byte-source.js'
import { Extent } from './extent.js'
import type { ImageSize } from './image-size.js'

/** Canvas and frames (GIF89a sections 18 to 26). A frame may be larger than the canvas, and readers make room for it. */
export async function gifSize(source: ByteSource): Promise<ImageSize | undefined> {
  const reader = new ByteReader(source)
  const screen = await reader.take(13)
  if (screen === undefined) return undefined
  const extent = new Extent()
  extent.atLeast(screen.readUInt16LE(6), screen.readUInt16LE(8))
  reader.skip(tableLength(screen[10] as number))
  for (;;) {
    const kind = (await reader.take(1))?.[0]
    if (kind === 0x21) reader.skip(1)
    else if (kind === 0x2c) {
      const frame = await reader.take(9)
      if (frame === undefined) return extent.size
      const width = frame.readUInt16LE(4)
      const height = frame.readUInt16LE(6)
      extent.add(width, height)
      extent.atLeast(frame.readUInt16LE(0) + width, frame.readUInt16LE(2) + height)
      reader.skip(tableLength(frame[8] as number) + 1)
    } else return extent.size
    if (!(await reader.skipBlocks())) return extent.size
  }
}

/** Bytes of a colour table, by the flags that announce it. */
function tableLength(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}
