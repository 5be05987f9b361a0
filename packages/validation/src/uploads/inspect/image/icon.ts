import type { ByteSource } from '../byte-source.js'
import { Extent } from './extent.js'
import type { ImageSize } from './image-size.js'

const mostPictures = 256

/** The pictures of an icon, each by its own header: what the directory says of them goes up to 256 and binds nobody. */
export async function iconSize(source: ByteSource): Promise<ImageSize | undefined> {
  const head = await source.read(0, 6)
  if (head.length < 6) return undefined
  const count = head.readUInt16LE(4)
  if (count > mostPictures) return undefined
  const directory = await source.read(6, count * 16)
  const extent = new Extent()
  for (let at = 0; at + 16 <= directory.length; at += 16) {
    const picture = await source.read(directory.readUInt32LE(at + 12), 24)
    const isPng = picture.length === 24 && picture.readUInt32BE(0) === 0x89504e47
    const isBitmap = picture.length >= 12 && picture.readUInt32LE(0) === 40
    if (isPng) extent.add(picture.readUInt32BE(16), picture.readUInt32BE(20))
    // A bitmap in an icon has twice its height: the other half is its mask.
    else if (isBitmap) extent.add(Math.abs(picture.readInt32LE(4)), Math.abs(picture.readInt32LE(8)) >> 1)
    extent.atLeast((directory[at] as number) || 256, (directory[at + 1] as number) || 256)
  }
  return extent.size
}
