import { ByteReader } from '../byte-reader.js'
import type { ByteSource } from '../byte-source.js'
import { RefusedContent } from '../refusal.js'
import { Extent } from './extent.js'
import type { ImageSize } from './image-size.js'

const mostSegments = 10_000

/** Cameras and tools write about ten; each one makes a decoder go over the whole picture. */
const mostScans = 100

/**
 * The largest of the frame headers (ITU-T T.81 section B.2.2). The segments are followed to the end of the picture, because a
 * decoder may take the last header, and to count the scans.
 *
 * @throws RefusedContent `image_bomb`
 */
export async function jpegSize(source: ByteSource): Promise<ImageSize | undefined> {
  const extent = new Extent()
  const reader = new ByteReader(source, 2)
  let scans = 0
  for (let segments = 0; segments < mostSegments; segments++) {
    const lead = (await reader.take(1))?.[0]
    if (lead === undefined) return extent.size
    if (lead !== 0xff) return undefined
    let marker: number | undefined = 0xff
    while (marker === 0xff) marker = (await reader.take(1))?.[0]
    if (marker === undefined || marker === 0xd9) return extent.size
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue
    const length = (await reader.take(2))?.readUInt16BE(0)
    if (length === undefined || length < 2) return extent.size
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    const end = reader.at + length - 2
    if (isFrame) {
      const frame = await reader.take(5)
      if (frame === undefined) return extent.size
      extent.atLeast(frame.readUInt16BE(3), frame.readUInt16BE(1))
    }
    reader.skip(end - reader.at)
    if (marker !== 0xda) continue
    if (++scans > mostScans) throw new RefusedContent('image_bomb', `is drawn in more than ${mostScans} scans`)
    if (!(await skipScan(reader))) return extent.size
  }
  return undefined
}

/** Passes the coded bytes of a scan, with the markers that belong to them (section B.1.1.5). */
async function skipScan(reader: ByteReader): Promise<boolean> {
  while (await reader.skipTo(0xff)) {
    const pair = await reader.take(2)
    if (pair === undefined) return false
    const next = pair[1] as number
    if (next === 0 || (next >= 0xd0 && next <= 0xd7)) continue
    // A byte of 255 before a marker is padding: the second one may begin the marker.
    reader.skip(next === 0xff ? -1 : -2)
    if (next !== 0xff) return true
  }
  return false
}
