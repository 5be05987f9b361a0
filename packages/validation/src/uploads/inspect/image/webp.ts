import { ByteReader } from '../byte-reader.js'
import type { ByteSource } from '../byte-source.js'
import { Extent } from './extent.js'
import type { ImageSize } from './image-size.js'

/** Canvas, frames and the pictures themselves (RFC 9649 sections 2.4 to 2.7): what the canvas says binds no decoder of a picture. */
export async function webpSize(source: ByteSource): Promise<ImageSize | undefined> {
  const extent = new Extent()
  const reader = new ByteReader(source, 12)
  for (;;) {
    const chunk = await reader.take(8)
    if (chunk === undefined) return extent.size
    const type = chunk.toString('latin1', 0, 4)
    const length = chunk.readUInt32LE(4)
    const end = reader.at + length + (length & 1)
    const data = await reader.take(Math.min(length, 16))
    if (data === undefined) return extent.size
    if (type === 'VP8X' && length >= 10) extent.atLeast(data.readUIntLE(4, 3) + 1, data.readUIntLE(7, 3) + 1)
    if (type === 'ANMF' && length >= 16) {
      extent.atLeast(
        data.readUIntLE(0, 3) * 2 + data.readUIntLE(6, 3) + 1,
        data.readUIntLE(3, 3) * 2 + data.readUIntLE(9, 3) + 1,
      )
      // The chunks of a frame follow; they are read as if they stood for themselves.
      continue
    }
    if (type === 'VP8 ' && length >= 10) extent.add(data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff)
    if (type === 'VP8L' && length >= 5) {
      const bits = data.readUInt32LE(1)
      extent.add((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
    }
    reader.skip(end - reader.at)
  }
}
