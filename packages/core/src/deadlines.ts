import type { Clock } from './clock.js'

/**
 * Something that has to end in time, for {@link Deadlines}. Its place in the line is kept in it: leaving costs no search,
 * and what has left is not held by anything. (A `Set` that thousands come into and leave goes through one table after the
 * other, of which an old one holds the next with all that was in it: the young generation is then hardly ever free.)
 */
export abstract class Timed<Self> {
  deadline = 0
  previous: Self | undefined = undefined
  next: Self | undefined = undefined
  line: Line<Self> | undefined = undefined
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

  /**
   * Puts it into the line of those that have as long.
   *
   * @param ms - time that it has
   * @param since - monotonic milliseconds from when on. @defaultValue now
   */
  add(item: Item, ms: number, since: number = this.#clock.monotonic()): void {
    let line = this.#lines.get(ms)
    if (line === undefined) {
      line = { ms, head: undefined, tail: undefined, timer: undefined }
      this.#lines.set(ms, line)
    }
    item.deadline = since + ms
    item.line = line
    item.previous = line.tail
    if (line.tail === undefined) line.head = item
    else line.tail.next = item
    line.tail = item
    line.timer ??= this.#arm(line, this.#until(item))
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

  #until(item: Item): number {
    return Math.max(1, Math.ceil(item.deadline - this.#clock.monotonic()))
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
    else line.timer = this.#arm(line, this.#until(line.head))
  }
}
