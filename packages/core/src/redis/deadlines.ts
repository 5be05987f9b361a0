import type { Clock } from '../clock.js'

/** Something that has to end in time. Its place in the line is kept in it, so that leaving costs no search. */
export interface Timed<Self> {
  deadline: number
  previous: Self | undefined
  next: Self | undefined
  line: Line<Self> | undefined
}

interface Line<Item> {
  readonly ms: number
  head: Item | undefined
  tail: Item | undefined
  timer: unknown
}

/**
 * Deadlines of many things at once, with one timer for all that have the same time: they stand in the order in which
 * they end, and the timer is set again only when it fires.
 */
export class Deadlines<Item extends Timed<Item>> {
  readonly #clock: Clock
  readonly #expire: (item: Item) => void
  readonly #lines = new Map<number, Line<Item>>()

  constructor(clock: Clock, expire: (item: Item) => void) {
    this.#clock = clock
    this.#expire = expire
  }

  add(item: Item, ms: number): void {
    let line = this.#lines.get(ms)
    if (line === undefined) {
      line = { ms, head: undefined, tail: undefined, timer: undefined }
      this.#lines.set(ms, line)
    }
    item.deadline = this.#clock.monotonic() + ms
    item.line = line
    item.previous = line.tail
    if (line.tail === undefined) line.head = item
    else line.tail.next = item
    line.tail = item
    line.timer ??= this.#arm(line, ms)
  }

  /** Takes it out; nothing happens if it is out already. */
  remove(item: Item): void {
    const { line, previous, next } = item
    if (line === undefined) return
    if (previous === undefined) line.head = next
    else previous.next = next
    if (next === undefined) line.tail = previous
    else next.previous = previous
    item.line = item.previous = item.next = undefined
  }

  /** Takes everything out, in the order of the lines. */
  *drain(): Generator<Item> {
    for (const line of this.#lines.values()) {
      for (let item = line.head; item !== undefined; item = line.head) {
        this.remove(item)
        yield item
      }
    }
  }

  /** Ends all timers. */
  close(): void {
    for (const line of this.#lines.values()) this.#clock.clearTimeout(line.timer)
    this.#lines.clear()
  }

  #arm(line: Line<Item>, ms: number): unknown {
    return this.#clock.setTimeout(() => {
      const now = this.#clock.monotonic()
      // After a long pause of this process its timers run before its sockets are read: replies that have arrived
      // meanwhile get their turn first, so that our own slowness is not taken for the server's.
      setImmediate(() => this.#sweep(line, now))
    }, ms)
  }

  #sweep(line: Line<Item>, now: number): void {
    for (let item = line.head; item !== undefined && item.deadline <= now; item = line.head) {
      this.remove(item)
      this.#expire(item)
    }
    if (this.#lines.get(line.ms) !== line) return
    line.timer = undefined
    if (line.head === undefined) this.#lines.delete(line.ms)
    else line.timer = this.#arm(line, Math.max(1, Math.ceil(line.head.deadline - this.#clock.monotonic())))
  }
}
