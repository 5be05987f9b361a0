import type { WindowState } from '../algorithms/algorithm.js'

/** Reads the packed reply of one call from front to end. */
export class Reply {
  /** The time at which was counted. */
  readonly now: number
  readonly #bytes: Buffer
  #at = 0
  /** The same for every window: nobody keeps it. */
  readonly #state: WindowState = { start: 0, current: 0, previous: 0 }

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.now = this.double()
  }

  byte(): number {
    return this.#bytes[this.#at++] as number
  }

  double(): number {
    this.#at += 8
    return this.#bytes.readDoubleLE(this.#at - 8)
  }

  /** A window, valid until the next one is read. */
  window(): WindowState {
    const bytes = this.#bytes
    // Its id comes first.
    const at = this.#at + 4
    this.#at = at + 16
    const state = this.#state
    state.start = bytes.readDoubleLE(at)
    state.current = bytes.readUInt32LE(at + 8)
    state.previous = bytes.readUInt32LE(at + 12)
    return state
  }
}
