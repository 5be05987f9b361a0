import type { ByteSource } from './byte-source.js'
import { RefusedContent } from './refusal.js'

/** One entry of a zip archive, as its central directory declares it. */
export interface ZipEntry {
  readonly name: string
  readonly method: number
  readonly encrypted: boolean
  readonly symlink: boolean
  readonly compressedSize: number
  readonly size: number
  /** Where its compressed bytes begin. */
  readonly dataAt: number
}

/** An entry before its place is known. */
interface FoundEntry extends Omit<ZipEntry, 'dataAt'> {
  readonly headerAt: number
  readonly rawName: Buffer
  /** Whether its sizes stand behind its bytes, as where it was written in one go. */
  readonly streamed: boolean
}

/** What stands behind the bytes of an entry that was written in one go, at most (APPNOTE 4.3.9). */
const longestDescriptor = 24

interface DirectoryPlace {
  readonly at: number
  readonly size: number
  readonly entries: number
}

const broken = (): RefusedContent => new RefusedContent('broken', 'is damaged')
const tricks = (): RefusedContent =>
  new RefusedContent('archive_tricks', 'is an archive that readers understand differently')

/**
 * The entries of a zip archive (APPNOTE 6.3 with ZIP64). Reads only the directory and the headers. Whatever readers could
 * understand in different ways is refused: bytes before or behind, overlapping entries, headers that contradict the directory.
 *
 * @throws RefusedContent
 */
export async function readZipDirectory(source: ByteSource, maxEntries: number): Promise<ZipEntry[]> {
  const place = await findDirectory(source)
  if (place.entries > maxEntries || place.size > maxEntries * 512 + 65_536) {
    throw new RefusedContent('archive_bomb', `is an archive of more than ${maxEntries} entries`)
  }
  const directory = await source.read(place.at, place.size)
  const found: FoundEntry[] = []
  let at = 0
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50) {
    const nameLength = directory.readUInt16LE(at + 28)
    const extraLength = directory.readUInt16LE(at + 30)
    const end = at + 46 + nameLength + extraLength + directory.readUInt16LE(at + 32)
    if (end > directory.length) throw broken()
    const rawName = directory.subarray(at + 46, at + 46 + nameLength)
    const flags = directory.readUInt16LE(at + 8)
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength)
    found.push({
      rawName,
      name: rawName.toString((flags & 0x800) === 0 ? 'latin1' : 'utf8'),
      method: directory.readUInt16LE(at + 10),
      encrypted: (flags & 1) !== 0,
      streamed: (flags & 8) !== 0,
      // The upper half is the Unix mode where a Unix made it.
      symlink: directory[at + 5] === 3 && (directory.readUInt16LE(at + 40) & 0xf000) === 0xa000,
      ...sizesOf(directory, at, extra),
    })
    at = end
  }
  if (at !== directory.length || found.length !== place.entries) throw broken()
  return locate(source, found, place.at)
}

async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  const tailAt = Math.max(0, source.size - 65_557)
  const tail = await source.read(tailAt, 65_557)
  for (let at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1'); at >= 0; at = before(tail, at)) {
    if (at + 22 > tail.length || at + 22 + tail.readUInt16LE(at + 20) !== tail.length) continue
    let end = tailAt + at
    let entries = tail.readUInt16LE(at + 10)
    let size = tail.readUInt32LE(at + 12)
    let start = tail.readUInt32LE(at + 16)
    if (entries === 0xffff || size === 0xffffffff || start === 0xffffffff) {
      if (at < 20 || tail.readUInt32LE(at - 20) !== 0x07064b50) throw broken()
      end = big(tail, at - 12)
      const wide = await source.read(end, 56)
      if (wide.length < 56 || wide.readUInt32LE(0) !== 0x06064b50) throw broken()
      entries = big(wide, 32)
      size = big(wide, 40)
      start = big(wide, 48)
    }
    if (start + size !== end) throw tricks()
    return { at: start, size, entries }
  }
  throw broken()
}

function before(tail: Buffer, at: number): number {
  return at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1')
}

/** Sizes and place, of 64 bits in the extra field 1 where 32 are not enough. */
function sizesOf(
  directory: Buffer,
  at: number,
  extra: Buffer,
): { compressedSize: number; size: number; headerAt: number } {
  let compressedSize = directory.readUInt32LE(at + 20)
  let size = directory.readUInt32LE(at + 24)
  let headerAt = directory.readUInt32LE(at + 42)
  for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2)) {
    if (extra.readUInt16LE(field) !== 1) continue
    let value = field + 4
    const next = (): number => {
      if (value + 8 > extra.length) throw broken()
      value += 8
      return big(extra, value - 8)
    }
    if (size === 0xffffffff) size = next()
    if (compressedSize === 0xffffffff) compressedSize = next()
    if (headerAt === 0xffffffff) headerAt = next()
    break
  }
  return { compressedSize, size, headerAt }
}

function big(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
}

/** Where the bytes of each entry are, in the order in which they stand; each must end before the next begins. */
async function locate(source: ByteSource, found: readonly FoundEntry[], directoryAt: number): Promise<ZipEntry[]> {
  const sorted = [...found].sort((a, b) => a.headerAt - b.headerAt)
  const entries: ZipEntry[] = []
  let free = 0
  let slack = 0
  for (const { headerAt, rawName, streamed, ...entry } of sorted) {
    // In a gap, a reader that goes from header to header could find an entry that the directory does not name.
    if (headerAt < free || headerAt > free + slack) throw tricks()
    const header = await source.read(headerAt, 30 + rawName.length)
    if (header.length < 30 + rawName.length || header.readUInt32LE(0) !== 0x04034b50) throw broken()
    const sameName = header.readUInt16LE(26) === rawName.length && header.subarray(30).equals(rawName)
    if (!sameName || header.readUInt16LE(8) !== entry.method) throw tricks()
    if (!streamed && !sameSizes(header, entry)) throw tricks()
    const dataAt = headerAt + 30 + rawName.length + header.readUInt16LE(28)
    free = dataAt + entry.compressedSize
    slack = streamed ? longestDescriptor : 0
    if (free > directoryAt) throw tricks()
    entries.push({ ...entry, dataAt })
  }
  if (sorted.length > 0 && directoryAt > free + slack) throw tricks()
  return entries
}

/** Whether a header has the sizes of the directory, or says that they take 64 bits. */
function sameSizes(header: Buffer, { compressedSize, size }: { compressedSize: number; size: number }): boolean {
  const packed = header.readUInt32LE(18)
  const unpacked = header.readUInt32LE(22)
  return (packed === compressedSize || packed === 0xffffffff) && (unpacked === size || unpacked === 0xffffffff)
}
