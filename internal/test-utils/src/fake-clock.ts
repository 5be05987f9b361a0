interface FakeTimer {
  readonly id: number
  readonly at: number
  readonly fn: () => void
}

// Taken at load, so that Jest's own fake timers do not stop the flush.
const realSetImmediate = setImmediate

/**
 * Time under the test's control: implements the `Clock` of `@hardening/core`.
 *
 * @example
 * ```ts
 * const clock = new FakeClock()
 * const limiter = rateLimit({ clock })
 * await clock.advance(60_000)
 * ```
 */
export class FakeClock {
  /** Monotonic time, by which timers run. */
  #elapsed = 0
  /** What has to be added to it to get the time of day. */
  #offset: number
  #nextId = 1
  readonly #timers = new Map<number, FakeTimer>()

  /** @param start - first value of `now()`, in milliseconds. @defaultValue 2026-01-01T00:00:00Z */
  constructor(start: number = Date.UTC(2026, 0, 1)) {
    this.#offset = start
  }

  /** How many timers are set and have not fired. */
  get pending(): number {
    return this.#timers.size
  }

  // Arrow properties, so that `const { now } = clock` works like the real clock.
  readonly now = (): number => this.#offset + this.#elapsed

  readonly monotonic = (): number => this.#elapsed

  readonly setTimeout = (fn: () => void, ms: number): unknown => {
    const id = this.#nextId++
    this.#timers.set(id, { id, at: this.#elapsed + Math.max(0, ms), fn })
    return id
  }

  readonly clearTimeout = (handle: unknown): void => {
    this.#timers.delete(handle as number)
  }

  /**
   * Moves time on. Timers run in order of time, then of creation, each at its own moment; what promises they settle
   * runs before the next one, and timers set on the way run too if they fall into the span.
   */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    await flush()
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer.id)
      if (timer.at > this.#elapsed) this.#elapsed = timer.at
      timer.fn()
      await flush()
    }
    this.#elapsed = end
  }

  /** Sets the time of day forwards or back, as a correction of the system's time does: timers do not notice. */
  jump(ms: number): void {
    this.#offset += ms
  }

  #next(end: number): FakeTimer | undefined {
    let first: FakeTimer | undefined
    for (const timer of this.#timers.values()) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer
    }
    return first
  }
}

/** Lets everything run that is already due: promises, `process.nextTick`, and one turn of the event loop. */
export function flush(): Promise<void> {
  return new Promise((resolve) => {
    realSetImmediate(resolve)
  })
}
