import type { ByteSource } from './byte-source.js'

/** Width and height of a picture in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** The size that a picture's headers declare, without decoding it; `undefined` where they declare none. */
export async function imageSize(type: string, source: ByteSource): Promise<ImageSize | undefined> {
  const head = await source.read(0, 65_536)
  switch (type) {
    case 'png':
      return head.length < 24 ? undefined : { width: head.readUInt32BE(16), height: head.readUInt32BE(20) }
    case 'gif':
      return head.length < 10 ? undefined : { width: head.readUInt16LE(6), height: head.readUInt16LE(8) }
    case 'bmp':
      return bmpSize(head)
    case 'webp':
      return webpSize(head)
    case 'ico':
      return icoSize(head)
    case 'tiff':
      return tiffSize(head, source)
    case 'jpeg':
      return jpegSize(source)
    default:
      return boxSize(head)
  }
}

function bmpSize(head: Buffer): ImageSize | undefined {
  if (head.length < 26) return undefined
  if (head.readUInt32LE(14) === 12) return { width: head.readUInt16LE(18), height: head.readUInt16LE(20) }
  return { width: Math.abs(head.readInt32LE(18)), height: Math.abs(head.readInt32LE(22)) }
}

function webpSize(head: Buffer): ImageSize | undefined {
  if (head.length < 30) return undefined
  const chunk = head.toString('latin1', 12, 16)
  if (chunk === 'VP8X') return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 }
  if (chunk === 'VP8 ') return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff }
  if (chunk !== 'VP8L') return undefined
  const bits = head.readUInt32LE(21)
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
}

/** The largest of its pictures; each is at most 256 wide unless a PNG inside says otherwise. */
function icoSize(head: Buffer): ImageSize | undefined {
  if (head.length < 22) return undefined
  const count = head.readUInt16LE(4)
  let largest = { width: 0, height: 0 }
  for (let at = 6, seen = 0; seen < count && at + 16 <= head.length; at += 16, seen++) {
    const offset = head.readUInt32LE(at + 12)
    const isPng = offset + 24 <= head.length && head.readUInt32BE(offset) === 0x89504e47
    const width = isPng ? head.readUInt32BE(offset + 16) : (head[at] as number) || 256
    const height = isPng ? head.readUInt32BE(offset + 20) : (head[at + 1] as number) || 256
    if (width * height > largest.width * largest.height) largest = { width, height }
  }
  return largest.width === 0 ? undefined : largest
}

/** TIFF 6.0 section 2: the tags 256 and 257 of the first directory. */
async function tiffSize(head: Buffer, source: ByteSource): Promise<ImageSize | undefined> {
  if (head.length < 8) return undefined
  const little = head[0] === 0x49
  const u16 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at))
  const u32 = (bytes: Buffer, at: number): number => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  const directory = await source.read(u32(head, 4), 2 + 12 * 512)
  if (directory.length < 2) return undefined
  let width = 0
  let height = 0
  for (let at = 2, left = u16(directory, 0); left > 0 && at + 12 <= directory.length; at += 12, left--) {
    const value = u16(directory, at + 2) === 3 ? u16(directory, at + 8) : u32(directory, at + 8)
    if (u16(directory, at) === 256) width = value
    if (u16(directory, at) === 257) height = value
  }
  return width === 0 || height === 0 ? undefined : { width, height }
}

/** The frame header (ITU-T T.81 section B.2.2), behind any number of other segments, of which no more than 1,000 are passed. */
async function jpegSize(source: ByteSource): Promise<ImageSize | undefined> {
  let at = 2
  for (let segments = 0; segments < 1_000; segments++) {
    const segment = await source.read(at, 9)
    if (segment.length < 9 || segment[0] !== 0xff) return undefined
    const marker = segment[1] as number
    if (marker === 0xff) {
      at++
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return { width: segment.readUInt16BE(7), height: segment.readUInt16BE(5) }
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)
    at += alone ? 2 : 2 + segment.readUInt16BE(2)
  }
  return undefined
}

/** The largest of the `ispe` boxes of AVIF and HEIF (ISO 23008-12 section 6.5.3). */
function boxSize(head: Buffer): ImageSize | undefined {
  let largest: ImageSize | undefined
  for (let at = head.indexOf('ispe'); at !== -1 && at + 16 <= head.length; at = head.indexOf('ispe', at + 4)) {
    const size = { width: head.readUInt32BE(at + 8), height: head.readUInt32BE(at + 12) }
    if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size
  }
  return largest
}
