import type { WindowState } from '../algorithms/algorithm.js'
import { createKeyHash, type KeyHash } from './half-sip-hash.js'

const firstSize = 1024
const none = 0
/** How far the clock's hand goes at most for one key, so that no request pays for a whole round. */
const mostSteps = 64

/**
 * A bounded table from keys to the states of a fixed number of windows, in typed arrays: no object a key, so that a
 * million keys give the garbage collector nothing to do. A key is kept as 64 bits of a keyed hash.
 *
 * Found by open addressing with linear probing over an index of entry numbers. When it is full, the clock algorithm
 * gives an entry away that was not used for long; one that is marked is passed over several times. New keys start
 * without a mark, so a flood of them turns out its own.
 */
export class EntryTable {
  readonly #windows: number
  readonly #max: number
  readonly #hash: KeyHash
  #size = 0
  #hand = 0
  #room = 0
  #mask = 0
  /** Entry number plus one; 0 where there is none. */
  #index!: Uint32Array
  #hashes!: Uint32Array
  /** Two words a window: when it started, and behind that its two counts, which {@link #counts} sees as such. */
  #starts!: Float64Array
  #counts!: Uint32Array
  /** How often the clock's hand passes over the entry. */
  #marks!: Uint8Array

  constructor(windows: number, max: number, seed?: Uint32Array) {
    this.#windows = windows
    this.#max = max
    this.#hash = createKeyHash(seed)
    this.#resize(Math.min(max, firstSize))
  }

  /** Bytes that an entry of so many windows takes, with its share of the index at the worst moment of its growth. */
  static bytesOf(windows: number): number {
    return 8 + windows * 16 + 1 + 11
  }

  /** How many keys there are. */
  get size(): number {
    return this.#size
  }

  /** Bytes that are taken now. */
  get bytes(): number {
    const arrays = [this.#index, this.#hashes, this.#starts, this.#marks]
    return arrays.reduce((sum, array) => sum + array.byteLength, 0)
  }

  /** The entry of a key, or -1. */
  find(key: string): number {
    this.#hash.hash(key)
    const { low, high } = this.#hash
    let at = low & this.#mask
    for (let entry = this.#index[at] as number; entry !== none; entry = this.#index[at] as number) {
      const place = (entry - 1) * 2
      if (this.#hashes[place] === low && this.#hashes[place + 1] === high) return entry - 1
      at = (at + 1) & this.#mask
    }
    return -1
  }

  /** A new entry for a key that {@link find} has just not found. */
  add(): number {
    const { low, high } = this.#hash
    if (this.#size === this.#room && this.#size < this.#max) this.#resize(Math.min(this.#max, this.#room * 2))
    let entry: number
    if (this.#size < this.#room) entry = this.#size++
    else {
      entry = this.#victim()
      this.#unlink(entry)
    }
    this.#hashes[entry * 2] = low
    this.#hashes[entry * 2 + 1] = high
    this.#marks[entry] = 0
    this.#link(entry)
    return entry
  }

  /** Takes an entry out; the last one moves into its place. */
  remove(entry: number): void {
    this.#unlink(entry)
    const last = --this.#size
    if (entry === last) return
    this.#unlink(last)
    const width = this.#windows
    this.#hashes.copyWithin(entry * 2, last * 2, last * 2 + 2)
    this.#starts.copyWithin(entry * width * 2, last * width * 2, (last + 1) * width * 2)
    this.#marks[entry] = this.#marks[last] as number
    this.#link(entry)
  }

  /** Notes that an entry is used: `mark` is how often it is passed over. */
  touch(entry: number, mark: number): void {
    if ((this.#marks[entry] as number) < mark) this.#marks[entry] = mark
  }

  load(entry: number, window: number, state: WindowState): void {
    const at = (entry * this.#windows + window) * 2
    const counts = this.#counts
    state.start = this.#starts[at] as number
    state.current = counts[at * 2 + 2] as number
    state.previous = counts[at * 2 + 3] as number
  }

  save(entry: number, window: number, state: WindowState): void {
    const at = (entry * this.#windows + window) * 2
    const counts = this.#counts
    this.#starts[at] = state.start
    counts[at * 2 + 2] = state.current
    counts[at * 2 + 3] = state.previous
  }

  #victim(): number {
    let least = 256
    let found = 0
    for (let step = 0; step < mostSteps; step++) {
      if (this.#hand >= this.#size) this.#hand = 0
      const entry = this.#hand++
      const mark = this.#marks[entry] as number
      if (mark === 0) return entry
      this.#marks[entry] = mark - 1
      if (mark >= least) continue
      least = mark
      found = entry
    }
    return found
  }

  #link(entry: number): void {
    let at = (this.#hashes[entry * 2] as number) & this.#mask
    while (this.#index[at] !== none) at = (at + 1) & this.#mask
    this.#index[at] = entry + 1
  }

  #unlink(entry: number): void {
    const index = this.#index
    const mask = this.#mask
    let hole = (this.#hashes[entry * 2] as number) & mask
    while (index[hole] !== entry + 1) hole = (hole + 1) & mask
    // What stands behind moves up where its own place is at or before the hole, so that no search stops early.
    for (let at = (hole + 1) & mask; index[at] !== none; at = (at + 1) & mask) {
      const home = (this.#hashes[((index[at] as number) - 1) * 2] as number) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      index[hole] = index[at] as number
      hole = at
    }
    index[hole] = none
  }

  #resize(room: number): void {
    const grown = <T extends { set(from: T): void }>(from: T | undefined, to: T): T => {
      if (from !== undefined) to.set(from)
      return to
    }
    this.#hashes = grown(this.#hashes, new Uint32Array(room * 2))
    this.#starts = grown(this.#starts, new Float64Array(room * this.#windows * 2))
    this.#counts = new Uint32Array(this.#starts.buffer)
    this.#marks = grown(this.#marks, new Uint8Array(room))
    this.#room = room
    // At most three quarters full, at least three eighths.
    const places = 2 ** Math.ceil(Math.log2((room * 4) / 3))
    this.#index = new Uint32Array(places)
    this.#mask = places - 1
    for (let entry = 0; entry < this.#size; entry++) this.#link(entry)
  }
}
