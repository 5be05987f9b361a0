import { createHash, hash as oneShotHash } from 'node:crypto'
import { charCodeAt } from '@hardening/core'

/** Places for texts that come again. */
const places = 64
/** Longest text that is kept, in characters: all places together hold two million. */
const longestKept = 32 * 1024

/** What `res.send` says of a text. */
export interface TaggedText {
  /** Weak entity tag. */
  readonly tag: string
  /** Length in bytes, as UTF-8. */
  readonly length: number
}

/**
 * Weak entity tags as Express makes them (`etag`, RFC 9110 section 8.8.3). A text that comes a second time is kept with
 * its tag and length, for comparing two texts takes a tenth of hashing one; what is never the same twice costs nothing.
 */
export class EntityTags {
  readonly #seen = new Uint32Array(places)
  readonly #texts: string[] = Array.from({ length: places }, () => '')
  readonly #tagged: TaggedText[] = Array.from({ length: places }, () => nothing)

  of(text: string): TaggedText {
    if (text.length > longestKept) return tagged(text)
    const mark = markOf(text)
    const place = mark % places
    if (this.#texts[place] === text) return this.#tagged[place] as TaggedText
    const made = tagged(text)
    if (this.#seen[place] === mark) {
      this.#texts[place] = text
      this.#tagged[place] = made
    } else this.#seen[place] = mark
    return made
  }
}

/** A number of a few of the characters: the same for the same text. */
function markOf(text: string): number {
  const { length } = text
  const step = (length >> 3) | 1
  let mark = length
  for (let at = step - 1; at < length; at += step) mark = (Math.imul(mark, 31) + charCodeAt(text, at)) | 0
  return mark >>> 0
}

function tagged(text: string): TaggedText {
  const length = Buffer.byteLength(text)
  return { tag: `W/"${length.toString(16)}-${sha1(text).slice(0, 27)}"`, length }
}

/** Node before 20.12 has no one-shot hash. */
const sha1: (text: string) => string =
  typeof oneShotHash === 'function'
    ? (text) => oneShotHash('sha1', text, 'base64')
    : (text) => createHash('sha1').update(text).digest('base64')

const nothing = tagged('')
