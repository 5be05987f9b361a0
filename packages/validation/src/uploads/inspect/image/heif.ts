import type { ByteSource } from '../byte-source.js'
import { Extent } from './extent.js'
import type { ImageSize } from './image-size.js'

const mostBoxes = 10_000
const largestIndex = 4 * 1024 * 1024

/**
 * The pictures of AVIF and HEIF: the `ispe` boxes in `meta` (ISO 23008-12 section 6.5.3), wherever in the file that stands, and the
 * entries of a sequence in `moov` (ISO 14496-12 section 12.1.3).
 */
export async function heifSize(source: ByteSource): Promise<ImageSize | undefined> {
  const extent = new Extent()
  let at = 0
  for (let boxes = 0; boxes < mostBoxes; boxes++) {
    const head = await source.read(at, 16)
    if (head.length < 8) return extent.size
    const type = head.toString('latin1', 4, 8)
    let length = head.readUInt32BE(0)
    if (length === 1 && head.length === 16) length = Number(head.readBigUInt64BE(8))
    if (length === 0) length = source.size - at
    if (length < 8) return extent.size
    if (type === 'meta' || type === 'moov') {
      if (length > largestIndex) return undefined
      const box = await source.read(at, length)
      if (type === 'meta') addItems(box, extent)
      else addTracks(box, extent)
    }
    at += length
  }
  return undefined
}

function addItems(box: Buffer, extent: Extent): void {
  for (let at = box.indexOf('ispe'); at !== -1 && at + 16 <= box.length; at = box.indexOf('ispe', at + 4)) {
    extent.atLeast(box.readUInt32BE(at + 8), box.readUInt32BE(at + 12))
  }
}

function addTracks(box: Buffer, extent: Extent): void {
  for (const codec of ['av01', 'hvc1', 'hev1']) {
    for (let at = box.indexOf(codec); at !== -1 && at + 32 <= box.length; at = box.indexOf(codec, at + 4)) {
      extent.atLeast(box.readUInt16BE(at + 28), box.readUInt16BE(at + 30))
    }
  }
}
