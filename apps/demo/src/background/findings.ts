import { toPlainText } from '@hardening/validation'
import { contentHash } from '../documents/content-hash.js'

/** A piece of a document, small enough to be searched or handed to a language model. */
export interface Chunk {
  readonly position: number
  readonly contentHash: string
  readonly text: string
}

/** What is found out about a document. */
export interface Findings {
  /** Hash of the HTML that this is about. */
  readonly contentHash: string
  readonly characters: number
  readonly words: number
  readonly chunks: readonly Chunk[]
}

/** Characters of a chunk at most. */
export const chunkSize = 800

/** Reads a document chunk by chunk, so that whoever asks for the next one may stop, wait or tell how far it is. */
export function* readChunks(html: string): Generator<Chunk, void, undefined> {
  let position = 0
  for (const text of split(textOf(html))) yield { position: position++, contentHash: contentHash(text), text }
}

/** What is found out about a document whose chunks have been read. */
export function findingsOf(html: string, chunks: readonly Chunk[]): Findings {
  const text = textOf(html)
  return { contentHash: contentHash(html), characters: text.length, words: text.match(/\S+/g)?.length ?? 0, chunks }
}

/** How many chunks it will be. */
export function countChunks(html: string): number {
  let count = 0
  for (const _text of split(textOf(html))) count++
  return count
}

function textOf(html: string): string {
  return toPlainText(html).replaceAll('\u0000', '').trim()
}

/** Cuts where a paragraph, a sentence or a word ends in the second half of a chunk, else where it is full. */
function* split(text: string): Generator<string, void, undefined> {
  for (let start = 0; start < text.length;) {
    const end = start + chunkSize
    const piece = text.slice(start, end)
    const cut = end >= text.length ? piece.length : lastEnd(piece)
    const chunk = piece.slice(0, cut).trim()
    if (chunk !== '') yield chunk
    start += cut
  }
}

function lastEnd(piece: string): number {
  for (const mark of ['\n', '. ', ' ']) {
    const at = piece.lastIndexOf(mark)
    if (at >= chunkSize / 2) return at + mark.length
  }
  // Not between the two halves of a character (a surrogate pair).
  const last = piece.charCodeAt(piece.length - 1)
  return last >= 0xd800 && last <= 0xdbff ? piece.length - 1 : piece.length
}
