import type { ByteSource } from '../byte-source.js'
import { gifSize } from './gif.js'
import { heifSize } from './heif.js'
import { iconSize } from './icon.js'
import { jpegSize } from './jpeg.js'
import { pngSize } from './png.js'
import { tiffSize } from './tiff.js'
import { webpSize } from './webp.js'

/** How large a picture is. */
export interface ImageSize {
  /** In pixels; of the largest picture where a file holds several. */
  readonly width: number
  readonly height: number
  /** Pixels of all frames or pages together, which is what a program that reads all of them has to make. */
  readonly pixels: number
}

/**
 * The size of a picture: what its header declares, or what frames, pages and pictures within it need where that is more. Nothing
 * is decoded. `undefined` where it declares none or is damaged.
 */
export async function imageSize(type: string, source: ByteSource): Promise<ImageSize | undefined> {
  switch (type) {
    case 'png':
      return pngSize(source)
    case 'gif':
      return gifSize(source)
    case 'bmp':
      return bmpSize(await source.read(0, 26))
    case 'webp':
      return webpSize(source)
    case 'ico':
      return iconSize(source)
    case 'tiff':
      return tiffSize(source)
    case 'jpeg':
      return jpegSize(source)
    default:
      return heifSize(source)
  }
}

function bmpSize(head: Buffer): ImageSize | undefined {
  if (head.length < 26) return undefined
  const isOld = head.readUInt32LE(14) === 12
  const width = isOld ? head.readUInt16LE(18) : Math.abs(head.readInt32LE(18))
  const height = isOld ? head.readUInt16LE(20) : Math.abs(head.readInt32LE(22))
  return { width, height, pixels: width * height }
}
