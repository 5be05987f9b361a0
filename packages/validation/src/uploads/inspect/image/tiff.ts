import type { ByteSource } from '../byte-source.js'
import { Extent } from './extent.js'
import type { ImageSize } from './image-size.js'

const mostPages = 1_000

/** The pages of a TIFF (TIFF 6.0 section 2): the tags 256 and 257 of each directory in the chain. */
export async function tiffSize(source: ByteSource): Promise<ImageSize | undefined> {
  const head = await source.read(0, 8)
  if (head.length < 8) return undefined
  const little = head[0] === 0x49
  const u16 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const extent = new Extent()
  let place = u32(head, 4)
  for (let page = 0; place !== 0; page++) {
    // Also a chain that leads back to where it was ends here.
    if (page === mostPages) return undefined
    const count = await source.read(place, 2)
    if (count.length < 2) return undefined
    const directory = await source.read(place + 2, u16(count, 0) * 12 + 4)
    let width = 0
    let height = 0
    for (let at = 0; at + 12 <= directory.length && at < u16(count, 0) * 12; at += 12) {
      const value = u16(directory, at + 2) === 3 ? u16(directory, at + 8) : u32(directory, at + 8)
      if (u16(directory, at) === 256) width = value
      if (u16(directory, at) === 257) height = value
    }
    if (width === 0 || height === 0) return undefined
    extent.add(width, height)
    place = directory.length === u16(count, 0) * 12 + 4 ? u32(directory, directory.length - 4) : 0
  }
  return extent.size
}
