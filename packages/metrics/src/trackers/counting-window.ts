import type { Clock } from '@hardening/core'

const slices = 5

/** Sums of the last while, by name; the oldest fifth is dropped as a whole. */
export class CountingWindow {
  readonly #clock: Clock
  readonly #sliceMs: number
  readonly #slices: { index: number; sum: number }[] = []

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#sliceMs = windowMs / slices
  }

  add(amount: number): void {
    const index = Math.floor(this.#clock.monotonic() / this.#sliceMs)
    const slice = (this.#slices[index % slices] ??= { index, sum: 0 })
    if (slice.index !== index) {
      slice.index = index
      slice.sum = 0
    }
    slice.sum += amount
  }

  get sum(): number {
    const first = Math.floor(this.#clock.monotonic() / this.#sliceMs) - slices + 1
    return this.#slices.reduce((sum, slice) => sum + (slice.index >= first ? slice.sum : 0), 0)
  }
}
