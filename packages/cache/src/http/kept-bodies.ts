import { createHash } from 'node:crypto'
import * as crypto from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { isFixed } from '../data/fixed-bytes.js'
import type { Encoding } from './accept-encoding.js'

/** A body as it was given: text that goes out as UTF-8 or Latin-1, or bytes. */
export type Body = string | Uint8Array

interface Kept {
  /** What was compressed; `undefined` where the key is enough, for bytes that never change. */
  readonly source: Body | undefined
  readonly compressed: Buffer
}

/** A look at what is known of a body. */
export interface Lookup {
  readonly key: string
  /** The compressed bytes, if they are known already. */
  readonly compressed: Buffer | undefined
}

/** How many bodies are remembered by key alone: one that comes again among so many is worth keeping. */
const recentBodies = 1000

/** A tag that is longer tells nothing that a hash would not. */
const longestTag = 200

/**
 * Compressed bodies, found by entity tag or hash and then compared with what they were made of, so that no two bodies are
 * ever taken for each other. A body is kept when it comes a second time: what is never the same twice costs no memory.
 */
export class KeptBodies {
  readonly #kept: LRUCache<string, Kept>
  #recent = new Set<string>()
  #before = new Set<string>()
  /** Names of bodies that never change: their bytes need not be looked at twice. */
  readonly #names = new WeakMap<Uint8Array, string>()
  #lastName = 0

  /** @param maxBytes - of bodies, compressed and as they were */
  constructor(maxBytes: number) {
    this.#kept = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ source, compressed }) => compressed.length + sizeOf(source) + 200,
    })
  }

  /**
   * @param tag - entity tag of the body, where it has one
   * @param isLatin1 - whether a text goes out as Latin-1
   */
  look(body: Body, encoding: Encoding, tag: unknown, isLatin1 = false): Lookup {
    const key = this.#keyOf(body, isLatin1 ? `${encoding}-latin1` : encoding, tag)
    const kept = this.#kept.get(key)
    const isSame = kept !== undefined && (kept.source === undefined || areSame(kept.source, body))
    return { key, compressed: isSame ? kept.compressed : undefined }
  }

  /** Whether a body of this key is to be kept, having come before. Remembers that it has come. */
  admits(body: Body, key: string): boolean {
    if (typeof body !== 'string' && isFixed(body)) return true
    if (this.#recent.has(key) || this.#before.has(key)) return true
    if (this.#recent.size >= recentBodies) {
      this.#before = this.#recent
      this.#recent = new Set()
    }
    this.#recent.add(key)
    return false
  }

  keep(body: Body, key: string, compressed: Buffer): void {
    // Whoever gave the bytes may write something else into them.
    const source = typeof body === 'string' ? body : isFixed(body) ? undefined : Uint8Array.from(body)
    this.#kept.set(key, { source, compressed })
  }

  #keyOf(body: Body, encoding: string, tag: unknown): string {
    if (typeof body !== 'string' && isFixed(body)) {
      let name = this.#names.get(body)
      if (name === undefined) this.#names.set(body, (name = `${++this.#lastName}`))
      return `${encoding} ${name}`
    }
    if (typeof tag === 'string' && tag.length <= longestTag) return `${encoding}:${body.length}:${tag}`
    return `${encoding}#${hashOf(body)}`
  }
}

function areSame(source: Body, body: Body): boolean {
  if (typeof source === 'string' || typeof body === 'string') return source === body
  return source.byteLength === body.byteLength && Buffer.compare(source, body) === 0
}

/** Bytes in memory; text of other than Latin letters has two for each. */
function sizeOf(source: Body | undefined): number {
  if (source === undefined) return 0
  if (typeof source !== 'string') return source.byteLength
  return Buffer.byteLength(source) === source.length ? source.length : source.length * 2
}

/** Finds, and no more: what is found is compared. */
function hashOf(body: Body): string {
  return typeof crypto.hash === 'function'
    ? crypto.hash('sha1', body, 'base64')
    : createHash('sha1').update(body).digest('base64')
}
