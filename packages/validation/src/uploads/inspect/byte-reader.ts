import type { ByteSource } from './byte-source.js'

const windowLength = 65_536

/** Reads bytes forwards in steps of any size, from the disk in pieces of 64 KB. */
export class ByteReader {
  readonly #source: ByteSource
  #window: Buffer = Buffer.alloc(0)
  #windowAt = 0
  #at: number

  constructor(source: ByteSource, at = 0) {
    this.#source = source
    this.#at = at
  }

  /** Where the next byte stands. */
  get at(): number {
    return this.#at
  }

  skip(length: number): void {
    this.#at += length
  }

  /** The next bytes, at most a window of them; nothing where so many are not left. Good until the next call. */
  async take(length: number): Promise<Buffer | undefined> {
    const from = await this.#fill(length)
    if (from === undefined) return undefined
    this.#at += length
    return this.#window.subarray(from, from + length)
  }

  /** Passes blocks that begin with their length in one byte, up to an empty one. @returns whether there was one. */
  async skipBlocks(): Promise<boolean> {
    for (;;) {
      let from = await this.#fill(1)
      if (from === undefined) return false
      while (from < this.#window.length) {
        const length = this.#window[from] as number
        from += 1 + length
        this.#at += 1 + length
        if (length === 0) return true
      }
    }
  }

  /** Passes bytes up to the next one of a value. @returns whether there was one; it is the next byte. */
  async skipTo(value: number): Promise<boolean> {
    for (;;) {
      const from = await this.#fill(1)
      if (from === undefined) return false
      const found = this.#window.indexOf(value, from)
      this.#at += (found === -1 ? this.#window.length : found) - from
      if (found !== -1) return true
    }
  }

  async #fill(length: number): Promise<number | undefined> {
    const from = this.#at - this.#windowAt
    if (from >= 0 && from + length <= this.#window.length) return from
    this.#window = await this.#source.read(this.#at, windowLength)
    this.#windowAt = this.#at
    return this.#window.length < length ? undefined : 0
  }
}
