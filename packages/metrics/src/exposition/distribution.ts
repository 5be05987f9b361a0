/** The trace of one observation: what leads from a bucket of a histogram to an example of it. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** Seconds since 1970. */
  readonly timestamp: number
}

/** A histogram: how many values fell below each bound and no lower one, their sum and number. */
export class Distribution {
  readonly bounds: readonly number[]
  readonly #counts: Float64Array
  #exemplars: (Exemplar | undefined)[] | undefined = undefined
  sum = 0
  count = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = new Float64Array(bounds.length)
  }

  /** Counts a value; one that is no number is left out, since it would spoil the sum for good. */
  observe(value: number): void {
    if (Number.isNaN(value)) return
    const at = this.#bucketOf(value)
    if (at < this.bounds.length) this.#counts[at] = (this.#counts[at] as number) + 1
    this.sum += value
    this.count += 1
  }

  /** Keeps `exemplar` as the example of its bucket, in place of the one before. */
  exemplify(exemplar: Exemplar): void {
    ;(this.#exemplars ??= Array.from({ length: this.bounds.length + 1 }))[this.#bucketOf(exemplar.value)] = exemplar
  }

  /** The example of the bucket `at`; the bucket behind the last bound is that of all larger values. */
  exemplar(at: number): Exemplar | undefined {
    return this.#exemplars?.[at]
  }

  /** How many values fell into the bucket `at` and no lower one. */
  bucket(at: number): number {
    return this.#counts[at] as number
  }

  /** How many values are at most each bound, as Prometheus counts. */
  cumulative(): number[] {
    let sum = 0
    return Array.from(this.#counts, (count) => (sum += count))
  }

  #bucketOf(value: number): number {
    const { bounds } = this
    let at = 0
    while (at < bounds.length && value > (bounds[at] as number)) at += 1
    return at
  }
}
