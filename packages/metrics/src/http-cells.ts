/** Bounds of the duration histogram, seconds: those of OpenTelemetry's semantic conventions for HTTP. */
export const durationBounds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

/** Bounds of the size histogram, bytes. */
export const sizeBounds: readonly number[] = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]

/** What is counted of one method, route and status. */
export class HttpCell {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly durations: Distribution
  readonly sizes: Distribution
  aborted = 0

  constructor(method: string, route: string, status: number) {
    this.method = method
    this.route = route
    this.status = status
    this.durations = new Distribution(durationBounds)
    this.sizes = new Distribution(sizeBounds)
  }
}

/** A histogram: how many values fell below each bound and no lower one, their sum and number. */
export class Distribution {
  readonly bounds: readonly number[]
  readonly #counts: Float64Array
  sum = 0
  count = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = new Float64Array(bounds.length)
  }

  observe(value: number): void {
    const { bounds } = this
    let at = 0
    while (at < bounds.length && value > (bounds[at] as number)) at += 1
    if (at < bounds.length) this.#counts[at] = (this.#counts[at] as number) + 1
    this.sum += value
    this.count += 1
  }

  /** How many values are at most each bound, as Prometheus counts. */
  cumulative(): number[] {
    let sum = 0
    return Array.from(this.#counts, (count) => (sum += count))
  }
}

/** Methods that have a label of their own; whatever else a client invents is `OTHER`. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])

/**
 * The cells of an application, found by two look-ups instead of a hash over labels. Bounded: routes beyond the limit
 * share the label `other`.
 */
export class HttpCells {
  readonly #maxRoutes: number
  readonly #routes = new Map<string, Map<number, HttpCell>>()
  /** Observations whose route had no label of its own any more. */
  dropped = 0

  constructor(maxRoutes: number) {
    this.#maxRoutes = maxRoutes
  }

  cell(method: string, route: string, status: number): HttpCell {
    let cells = this.#routes.get(route)
    if (cells === undefined) {
      if (this.#routes.size >= this.#maxRoutes && route !== 'other') {
        this.dropped += 1
        return this.cell(method, 'other', status)
      }
      this.#routes.set(route, (cells = new Map()))
    }
    const known = methods.has(method) ? method : 'OTHER'
    const key = status * 16 + methodNumber(known)
    let cell = cells.get(key)
    if (cell === undefined) cells.set(key, (cell = new HttpCell(known, route, status)))
    return cell
  }

  *all(): Generator<HttpCell> {
    for (const cells of this.#routes.values()) yield* cells.values()
  }

  clear(): void {
    this.#routes.clear()
    this.dropped = 0
  }
}

const numbers = new Map([...methods, 'OTHER'].map((method, at) => [method, at]))

function methodNumber(method: string): number {
  return numbers.get(method) as number
}
