import type { Buckets, Reading } from './reading.js'
import type { ResolvedCondition } from './rule.js'

/** What a condition remembers of one moment. */
interface Point {
  readonly at: number
  /** The counter's or gauge's value; `undefined` where there was no series. */
  readonly value: number | undefined
  /** The whole of a ratio. */
  readonly whole: number
  readonly buckets: Buckets | undefined
}

const pointsPerWindow = 120

/** A condition with the values of its window, kept no finer than the window needs. */
export class ConditionState {
  readonly condition: ResolvedCondition
  readonly #points: Point[] = []
  readonly #quantile: number | undefined

  constructor(condition: ResolvedCondition) {
    this.condition = condition
    const percentile = /^p(\d+)$/.exec(condition.aggregate)?.[1]
    this.#quantile = percentile === undefined ? undefined : Number(percentile) / 100
  }

  /** Takes the values of this moment; returns that of the window, `undefined` where it says nothing. */
  update(reading: Reading, now: number): number | undefined {
    this.#add(this.#pointOf(reading, now))
    return this.#evaluate()
  }

  holds(value: number | undefined): boolean {
    const { op, threshold } = this.condition
    if (value === undefined || Number.isNaN(value)) return false
    if (op === '>') return value > threshold
    if (op === '>=') return value >= threshold
    return op === '<' ? value < threshold : value <= threshold
  }

  #pointOf(reading: Reading, at: number): Point {
    const { metric, match, of, aggregate } = this.condition
    if (this.#quantile !== undefined) {
      const buckets = reading.buckets(metric, match)
      return { at, value: undefined, whole: buckets.get(Infinity) ?? 0, buckets }
    }
    const values = reading.values(metric, match)
    const whole = aggregate === 'ratio' ? sumOf(reading.values(metric, of)) : 0
    return { at, value: combine(aggregate, values), whole, buckets: undefined }
  }

  #add(point: Point): void {
    const points = this.#points
    const { windowMs } = this.condition
    const beforeLast = points.at(-2)
    // The newest point is always kept; the one before it only where it is far enough from its own predecessor.
    if (beforeLast !== undefined && (points.at(-1) as Point).at - beforeLast.at < windowMs / pointsPerWindow)
      points.pop()
    points.push(point)
    // One point at or before the start of the window is what an increase begins with.
    while (points.length > 2 && (points[1] as Point).at <= point.at - windowMs) points.shift()
  }

  #evaluate(): number | undefined {
    const { aggregate, windowMs, minimum } = this.condition
    const points = this.#points
    const last = points.at(-1) as Point
    if (this.#quantile !== undefined) {
      const total = increase(points, (point) => point.whole)
      return total === 0 || total < minimum ? undefined : this.#percentile(this.#quantile)
    }
    if (aggregate === 'sum') return last.value
    if (aggregate === 'max' || aggregate === 'min' || aggregate === 'avg') {
      const live = points.filter(({ at }) => at > last.at - windowMs)
      return combine(
        aggregate,
        live.flatMap(({ value }) => value ?? []),
      )
    }
    const part = increase(points, (point) => point.value ?? 0)
    if (aggregate === 'ratio') {
      const whole = increase(points, (point) => point.whole)
      return whole === 0 || whole < minimum ? undefined : part / whole
    }
    if (aggregate === 'increase') return part
    const seconds = (last.at - (points[0] as Point).at) / 1000
    return seconds > 0 ? part / seconds : undefined
  }

  /** As Prometheus' `histogram_quantile`: linear within the bucket; the last bound where it lies beyond it. */
  #percentile(quantile: number): number | undefined {
    const bounds = [...((this.#points.at(-1) as Point).buckets as Buckets).keys()]
    const counts = bounds.map((bound) => increase(this.#points, (point) => point.buckets?.get(bound) ?? 0))
    const rank = quantile * (counts.at(-1) ?? 0)
    const at = counts.findIndex((count) => count >= rank)
    if (at === bounds.length - 1) return bounds.at(-2)
    const lower = at === 0 ? 0 : (bounds[at - 1] as number)
    const below = at === 0 ? 0 : (counts[at - 1] as number)
    const inside = (counts[at] as number) - below
    return inside === 0 ? lower : lower + (((bounds[at] as number) - lower) * (rank - below)) / inside
  }
}

/** How much a counter grew over the points; where it went back it began anew. */
function increase(points: readonly Point[], read: (point: Point) => number): number {
  let sum = 0
  for (let at = 1; at < points.length; at++) {
    const before = read(points[at - 1] as Point)
    const value = read(points[at] as Point)
    sum += value >= before ? value - before : value
  }
  return sum
}

function combine(aggregate: string, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  if (aggregate === 'max') return Math.max(...values)
  if (aggregate === 'min') return Math.min(...values)
  return aggregate === 'avg' ? sumOf(values) / values.length : sumOf(values)
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
