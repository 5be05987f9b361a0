import { copyValue, type Copied } from './copy.js'
import { decodeTagged, encodeTagged } from './codec.js'

/** What is kept in Redis for a key. */
export interface Envelope {
  /** Which life of the invalidation journal it belongs to. */
  readonly epoch: string
  /** Place in the journal up to which invalidations are known to be older than it. */
  readonly seq: number
  /** Wall-clock milliseconds at which it was written. */
  readonly at: number
  readonly freshUntil: number
  readonly staleUntil: number
  readonly key: string
  readonly tags: readonly string[]
  /** `undefined` where the loader failed. */
  readonly content: Copied | undefined
}

/** Longest head of an envelope that is read to learn its key. */
export const headBytes = 4500

/** First line numbers, second line key and tags, then the value. Scripts read the first four words. */
export function writeEnvelope(envelope: Envelope): string {
  const { epoch, seq, at, freshUntil, staleUntil, key, tags, content } = envelope
  const payload =
    content === undefined ? '' : content.isJson ? JSON.stringify(content.value) : encodeTagged(content.value)
  const kind = content === undefined ? 'e' : content.isJson ? 'j' : 't'
  const times = `${Math.round(at)} ${Math.round(freshUntil)} ${Math.round(staleUntil)}`
  return `h1 ${epoch} ${seq} ${times} ${kind} ${payload.length}\n${JSON.stringify([key, ...tags])}\n${payload}`
}

/** What is left in place of what was deleted, so that a loader that began before does not bring it back. */
export function writeTombstone(epoch: string, seq: number, at: number): string {
  return `t1 ${epoch} ${seq} ${Math.round(at)}`
}

/** Reads an envelope; `undefined` for anything that is not a whole one of ours: foreign, cut off, for another key. */
export function readEnvelope(text: unknown, key: string): Envelope | undefined {
  if (typeof text !== 'string' || !text.startsWith('h1 ')) return undefined
  const lineEnd = text.indexOf('\n')
  const namesEnd = text.indexOf('\n', lineEnd + 1)
  if (lineEnd === -1 || lineEnd > 200 || namesEnd === -1) return undefined
  const words = text.slice(3, lineEnd).split(' ')
  const [epoch = '', seq, at, freshUntil, staleUntil, kind, length] = words
  const payload = text.slice(namesEnd + 1)
  const numbers = [seq, at, freshUntil, staleUntil, length].map(Number)
  if (words.length !== 7 || !numbers.every(Number.isSafeInteger) || payload.length !== numbers[4]) return undefined
  try {
    const names = JSON.parse(text.slice(lineEnd + 1, namesEnd)) as string[]
    if (!Array.isArray(names) || names[0] !== key || !names.every((name) => typeof name === 'string')) return undefined
    const content =
      kind === 'e'
        ? undefined
        : copyValue(kind === 'j' ? JSON.parse(payload) : kind === 't' ? decodeTagged(payload) : undefined)
    const [seqNumber, atMs, freshMs, staleMs] = numbers as [number, number, number, number]
    return {
      epoch,
      seq: seqNumber,
      at: atMs,
      freshUntil: freshMs,
      staleUntil: staleMs,
      key,
      tags: names.slice(1),
      content,
    }
  } catch {
    return undefined
  }
}

/** The key in the first bytes of an envelope; `undefined` where there is none. */
export function keyOfHead(head: unknown): string | undefined {
  if (typeof head !== 'string') return undefined
  const match = /^h1 [^\n]{1,200}\n\["((?:[^"\\]|\\.)*)"[,\]]/.exec(head)
  try {
    return match === null ? undefined : (JSON.parse(`"${match[1]}"`) as string)
  } catch {
    return undefined
  }
}
