import { createInflate } from 'node:zlib'
import type { ByteSource } from './byte-source.js'
import { inflated } from './inflated.js'
import { RefusedContent } from './refusal.js'

const active: ReadonlySet<string> = new Set(['JavaScript', 'Launch', 'RichMedia', 'XFA', 'ImportData', 'SubmitForm'])
const delimiters: Buffer = /* @__PURE__ */ Buffer.from('()<>[]{}/%')
const longestName = 48
const windowLength = 1_048_576
const overlap = 8_192

/**
 * Refuses a PDF (ISO 32000) that runs or sends something, or that cannot be looked into: names of actions anywhere, also spelled by
 * `#` codes and inside of object streams, which are unpacked up to a bound.
 *
 * @throws RefusedContent
 */
export async function inspectPdf(source: ByteSource, maxUnpackedBytes: number): Promise<void> {
  let left = maxUnpackedBytes
  for (let at = 0; at < source.size; at += windowLength - overlap) {
    const window = await source.read(at, windowLength)
    const isLast = at + window.length >= source.size
    for (const { name, end } of namesIn(window)) {
      refuseActive(name)
      // What begins in the overlap is seen again, whole, in the next window.
      if (name === 'ObjStm' && (isLast || end < windowLength - overlap)) {
        left -= await inspectObjectStream(window, end, at, source, left)
      }
    }
    if (isLast) return
  }
}

function refuseActive(name: string): void {
  if (active.has(name)) throw new RefusedContent('scripted', 'contains a script or action')
  if (name === 'Encrypt') throw new RefusedContent('encrypted', 'is encrypted and cannot be looked into')
}

/** The names of interest in bytes, with `#` codes decoded (ISO 32000-1 section 7.3.5), and where each ends. */
function* namesIn(bytes: Buffer): Generator<{ readonly name: string; readonly end: number }> {
  for (let slash = bytes.indexOf(47); slash !== -1; slash = bytes.indexOf(47, slash + 1)) {
    let name = ''
    let at = slash + 1
    while (at < bytes.length && name.length < longestName) {
      const byte = bytes[at] as number
      if (isDelimiter(byte)) break
      const code = byte === 35 ? Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16) : Number.NaN
      name += String.fromCharCode(Number.isNaN(code) ? byte : code)
      at += Number.isNaN(code) ? 1 : 3
    }
    yield { name, end: at }
  }
}

function isDelimiter(byte: number): boolean {
  return byte === 0 || (byte >= 9 && byte <= 13 && byte !== 11) || byte === 32 || delimiters.includes(byte)
}

/** Unpacks the object stream whose dictionary names itself at `named`; returns how many bytes came out. */
async function inspectObjectStream(
  window: Buffer,
  named: number,
  offset: number,
  source: ByteSource,
  left: number,
): Promise<number> {
  const stream = window.indexOf('stream', named, 'latin1')
  if (stream === -1 || stream - named > 4_096) return 0
  const from = window.lastIndexOf('obj', named, 'latin1')
  const dictionary = window.toString('latin1', Math.max(from, named - 4_096, 0), stream)
  if (!/\/(?:Filter|F)\b/.test(dictionary)) return 0
  const plainFlate = /\/Filter\s{0,9}\[?\s{0,9}\/(?:FlateDecode|Fl)\s{0,9}\]?/.test(dictionary)
  const filters = dictionary.match(/\/[A-Za-z0-9]{1,20}Decode/g) ?? []
  if (!plainFlate || filters.length > 1)
    throw new RefusedContent('unreadable', 'is packed in a way that cannot be looked into')
  let data = stream + 6
  if (window[data] === 13) data++
  if (window[data] === 10) data++
  return unpackNames(source, offset + data, left)
}

async function unpackNames(source: ByteSource, from: number, left: number): Promise<number> {
  let size = 0
  let tail: Buffer = Buffer.alloc(0)
  try {
    for await (const piece of inflated(createInflate(), source, from, source.size)) {
      size += piece.length
      if (size > left) throw new RefusedContent('archive_bomb', 'unpacks to more than is accepted')
      const seen = Buffer.concat([tail, piece])
      for (const { name } of namesIn(seen)) refuseActive(name)
      tail = Buffer.from(seen.subarray(-longestName * 3))
    }
  } catch (error) {
    // Readers show what could be unpacked, so that is what counts.
    if (size === 0 || (error as RefusedContent).refusal?.code !== 'broken') throw error
  }
  return size
}
