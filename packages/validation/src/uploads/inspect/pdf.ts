import { createInflate, inflateSync, constants } from 'node:zlib'
import { piecesOf, type ByteSource } from './byte-source.js'
import { inflated } from './inflated.js'
import { longestDictionary, longestName, namesIn, readDictionary, type PdfDictionary } from './pdf-dictionary.js'
import { RefusedContent } from './refusal.js'

const active: ReadonlySet<string> = new Set(
  'JavaScript Launch RichMedia XFA ImportData SubmitForm Rendition GoToE'.split(' '),
)
const windowLength = 1_048_576
const overlap = longestDictionary + 1_024

/** Object streams hold a hundred objects each; a document of a million objects has so many. */
const mostObjectStreams = 10_000

/**
 * Refuses a PDF (ISO 32000) that runs or sends something, or that cannot be looked into: names of actions anywhere, also spelled by
 * `#` codes and inside of object streams, which are unpacked up to a bound. Takes time in proportion to the file.
 *
 * @throws RefusedContent
 */
export async function inspectPdf(source: ByteSource, maxUnpackedBytes: number): Promise<void> {
  const streams = new ObjectStreams(source, maxUnpackedBytes)
  // A dictionary may stand within a text of another, so that some bytes are read twice, but not again and again.
  let bytesLeft = source.size * 4 + windowLength
  for (let at = 0; at < source.size; at += windowLength - overlap) {
    const window = await source.read(at, windowLength)
    const isLast = at + window.length >= source.size
    // What begins in the overlap is seen again, whole, in the next window.
    const end = isLast ? window.length : windowLength - overlap
    for (
      let object = window.indexOf('obj');
      object !== -1 && object < end;
      object = window.indexOf('obj', object + 3)
    ) {
      const dictionary = readDictionary(window, object + 3)
      bytesLeft -= dictionary.length
      if (bytesLeft < 0) throw unreadable()
      if (dictionary.tells) await streams.inspect(dictionary, at)
    }
    for (const { name, start } of namesIn(window)) {
      refuseActive(name)
      if (name === 'ObjStm' && start < end && !streams.knows(at + start)) throw unreadable()
    }
    if (isLast) return
  }
}

function refuseActive(name: string): void {
  if (active.has(name)) throw new RefusedContent('scripted', 'contains a script or action')
  if (name === 'Encrypt') throw new RefusedContent('encrypted', 'is encrypted and cannot be looked into')
}

function unreadable(): RefusedContent {
  return new RefusedContent('unreadable', 'is packed in a way that cannot be looked into')
}

/** Unpacks object streams, each once, as far as all of them together may unfold. */
class ObjectStreams {
  readonly #source: ByteSource
  #bytesLeft: number
  #count = 0
  readonly #known = new Set<number>()

  constructor(source: ByteSource, maxUnpackedBytes: number) {
    this.#source = source
    this.#bytesLeft = maxUnpackedBytes
  }

  /** Whether the name that begins at a place was read as part of a dictionary. */
  knows(at: number): boolean {
    return this.#known.has(at)
  }

  async inspect({ named, text, data }: PdfDictionary, offset: number): Promise<void> {
    if (this.#known.size > mostObjectStreams) throw bomb()
    for (const at of named) this.#known.add(offset + at)
    if (data === undefined || !/\/(?:Filter|F)\b/.test(text)) return
    // Its type may stand elsewhere. Other dictionaries have a key called First as well, but none has both.
    if (named.length === 0 && !/\/N\b/.test(text)) return
    const plainFlate = /\/Filter\s{0,9}\[?\s{0,9}\/(?:FlateDecode|Fl)\s{0,9}\]?/.test(text)
    const filters = text.match(/\/[A-Za-z0-9]{1,20}Decode/g) ?? []
    if (!plainFlate || filters.length > 1) throw unreadable()
    if (++this.#count > mostObjectStreams) throw bomb()
    const at = offset + data
    const head = await this.#source.read(at, 16_384)
    const small = smallStream(head, at + head.length === this.#source.size)
    if (small === undefined) return this.#unpack(at)
    this.#spend(small.length)
    for (const { name } of namesIn(small)) refuseActive(name)
  }

  #spend(bytes: number): void {
    this.#bytesLeft -= bytes
    if (this.#bytesLeft < 0) throw bomb()
  }

  async #unpack(from: number): Promise<void> {
    let tail: Buffer = Buffer.alloc(0)
    let size = 0
    try {
      for await (const piece of inflated(createInflate(), piecesOf(this.#source, from))) {
        size += piece.length
        this.#spend(piece.length)
        const seen = Buffer.concat([tail, piece])
        for (const { name } of namesIn(seen)) refuseActive(name)
        tail = Buffer.from(seen.subarray(-longestName * 3))
      }
    } catch (error) {
      // Readers show what could be unpacked, so that is what counts.
      if (size === 0 || (error as RefusedContent).refusal?.code !== 'broken') throw error
    }
  }
}

function bomb(): RefusedContent {
  return new RefusedContent('archive_bomb', 'unpacks to more than is accepted')
}

/** A stream that ends within these bytes, unpacked at once; nothing where it goes on, or is damaged. */
function smallStream(packed: Buffer, isAll: boolean): Buffer | undefined {
  try {
    const info = inflateSync(packed, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: 262_144,
      info: true,
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } }
    return isAll || info.engine.bytesWritten < packed.length ? info.buffer : undefined
  } catch {
    return undefined
  }
}
