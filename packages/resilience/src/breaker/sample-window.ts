const parts = 10

/** Calls of the last time, and how many of them were hits: a ring of ten parts, so that it forgets little by little. */
export class SampleWindow {
  calls = 0
  hits = 0
  readonly #partMs: number
  readonly #calls = new Float64Array(parts)
  readonly #hits = new Float64Array(parts)
  #part: number
  #slot = 0

  constructor(now: number, windowMs: number) {
    this.#partMs = windowMs / parts
    this.#part = Math.floor(now / this.#partMs)
  }

  add(hit: boolean, now: number): void {
    const part = Math.floor(now / this.#partMs)
    if (part !== this.#part) this.#turn(part)
    const slot = this.#slot
    this.calls++
    this.#calls[slot] = (this.#calls[slot] as number) + 1
    if (!hit) return
    this.hits++
    this.#hits[slot] = (this.#hits[slot] as number) + 1
  }

  reset(): void {
    this.calls = this.hits = 0
    this.#calls.fill(0)
    this.#hits.fill(0)
  }

  #turn(part: number): void {
    const passed = Math.min(parts, part - this.#part)
    this.#part = part
    for (let at = 0; at < passed; at++) {
      this.#slot = (this.#slot + 1) % parts
      this.calls -= this.#calls[this.#slot] as number
      this.hits -= this.#hits[this.#slot] as number
      this.#calls[this.#slot] = this.#hits[this.#slot] = 0
    }
  }
}
