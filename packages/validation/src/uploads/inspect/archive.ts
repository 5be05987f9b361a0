import { createGunzip, createInflateRaw } from 'node:zlib'
import { MemorySource, piecesOf, type ByteSource } from './byte-source.js'
import { detectType, headLength } from './detect-type.js'
import { inflated } from './inflated.js'
import { MarkerScan } from './markers.js'
import { RefusedContent } from './refusal.js'
import { xmlText } from './xml-text.js'
import { readZipDirectory, type ZipEntry } from './zip-directory.js'

/** How far an archive may unfold. */
export interface ArchiveLimits {
  readonly maxEntries: number
  readonly maxUnpackedBytes: number
  readonly maxRatio: number
  readonly maxNesting: number
}

/** What was found in a zip archive. */
export interface ZipContent {
  readonly names: readonly string[]
  /** Content of the small entries that were asked for. */
  readonly texts: ReadonlyMap<string, string>
}

const opaque: ReadonlySet<string> = new Set(['tar', 'bzip2', 'xz', 'zstd', '7z', 'rar', 'cab'])
const largestNested = 8 * 1024 * 1024
const largestText = 1024 * 1024

/**
 * Looks into an archive and into archives within it. What it declares is judged before anything is unpacked; then it is unpacked
 * into nothing, piece by piece, never further than it declares or its limits allow.
 */
export class ArchiveInspection {
  readonly #limits: ArchiveLimits
  #bytesLeft: number
  #entriesLeft: number

  constructor(limits: ArchiveLimits) {
    this.#limits = limits
    this.#bytesLeft = limits.maxUnpackedBytes
    this.#entriesLeft = limits.maxEntries
  }

  /** @throws RefusedContent */
  async zip(source: ByteSource, wants: (name: string) => boolean = () => false, depth = 1): Promise<ZipContent> {
    const entries = await readZipDirectory(source, this.#entriesLeft)
    this.#entriesLeft -= entries.length
    let declared = 0
    for (const entry of entries) {
      checkEntry(entry, this.#limits.maxRatio)
      declared += entry.size
    }
    if (declared > this.#bytesLeft) throw bomb()
    const found = new Map<string, string>()
    for (const entry of entries) {
      const kept = await this.#unpack(source, entry, depth, wants(entry.name))
      if (kept !== undefined) found.set(entry.name, xmlText(kept))
    }
    return { names: entries.map((entry) => entry.name), texts: found }
  }

  /** @throws RefusedContent */
  async gzip(source: ByteSource, depth = 1): Promise<void> {
    await this.#drain(inflated(createGunzip(), piecesOf(source)), Infinity, source.size, depth, false)
  }

  async #unpack(source: ByteSource, entry: ZipEntry, depth: number, keep: boolean): Promise<Buffer | undefined> {
    const end = entry.dataAt + entry.compressedSize
    const packed = piecesOf(source, entry.dataAt, end)
    const pieces = entry.method === 0 ? packed : inflated(createInflateRaw(), packed)
    return this.#drain(pieces, entry.size, entry.compressedSize, depth, keep)
  }

  /** Counts what comes out; keeps it where it is asked for or an archive itself. */
  async #drain(
    pieces: AsyncIterable<Buffer>,
    declared: number,
    packed: number,
    depth: number,
    keep: boolean,
  ): Promise<Buffer | undefined> {
    const scan = new MarkerScan({ pages: false })
    let kept: Buffer[] | undefined = []
    let keptBytes = 0
    let size = 0
    let nested: string | undefined
    for await (const piece of pieces) {
      size += piece.length
      this.#bytesLeft -= piece.length
      if (size > declared || this.#bytesLeft < 0) throw bomb()
      if (declared === Infinity && size > 1_048_576 && size > packed * this.#limits.maxRatio) throw bomb()
      scan.push(piece)
      if (kept === undefined) continue
      kept.push(piece)
      keptBytes += piece.length
      if (keptBytes < headLength && size < declared) continue
      nested ??= nestedType(Buffer.concat(kept).subarray(0, headLength))
      const most = nested === 'zip' || nested === 'gzip' ? largestNested : keep ? largestText : 0
      if (keptBytes > most) {
        if (nested !== undefined && nested !== 'none')
          throw new RefusedContent('nested_archive', 'contains an archive that is too large')
        if (keep) throw new RefusedContent('unreadable', 'has a part that is too large to be looked into')
        kept = undefined
      }
    }
    if (declared !== Infinity && size !== declared) throw new RefusedContent('broken', 'is damaged')
    if (kept === undefined) return undefined
    const content = Buffer.concat(kept)
    await this.#nested(nested ?? nestedType(content), content, depth + 1)
    return keep ? content : undefined
  }

  async #nested(type: string, content: Buffer, depth: number): Promise<void> {
    if (type === 'none') return
    if (depth > this.#limits.maxNesting) {
      throw new RefusedContent('nested_archive', `contains archives nested more than ${this.#limits.maxNesting} deep`)
    }
    if (type === 'zip') await this.zip(new MemorySource(content), undefined, depth)
    else await this.gzip(new MemorySource(content), depth)
  }
}

/** `zip`, `gzip` or `none`; what cannot be looked into is refused. */
function nestedType(head: Buffer): string {
  const type = detectType(head)
  if (type === undefined) return 'none'
  if (opaque.has(type)) throw new RefusedContent('nested_archive', 'contains an archive that cannot be looked into')
  return type === 'zip' || type === 'gzip' ? type : 'none'
}

function bomb(): RefusedContent {
  return new RefusedContent('archive_bomb', 'unpacks to more than is accepted')
}

function checkEntry(entry: ZipEntry, maxRatio: number): void {
  if (entry.encrypted) throw new RefusedContent('encrypted', 'is encrypted and cannot be looked into')
  if (entry.symlink) throw new RefusedContent('zip_slip', 'contains a link to somewhere else')
  if (leavesFolder(entry.name)) throw new RefusedContent('zip_slip', 'contains an entry that would leave its folder')
  if (entry.method !== 0 && entry.method !== 8) {
    throw new RefusedContent('encrypted', 'is packed by a method that cannot be looked into')
  }
  if (entry.method === 0 && entry.size !== entry.compressedSize) throw new RefusedContent('broken', 'is damaged')
  if (entry.size > 1_048_576 && entry.size > entry.compressedSize * maxRatio) throw bomb()
}

/** Whether a name points out of the folder that an archive is unpacked to (CWE-22), on any system. */
function leavesFolder(name: string): boolean {
  const path = name.replaceAll('\\', '/')
  return /^(?:\/|[a-z]:)|\0/i.test(path) || path.split('/').includes('..')
}
