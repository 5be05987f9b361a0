import { unmatchedRoute } from '@hardening/core'
import { Distribution } from './exposition/distribution.js'
import { LabelSet } from './exposition/label-set.js'

/** Bounds of the duration histogram, seconds: those of OpenTelemetry's semantic conventions for HTTP. */
export const durationBounds: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
]

/** Bounds of the size histogram, bytes. */
const sizeBounds: readonly number[] = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]

/** Label of the routes beyond the limit. */
const otherRoute = 'other'

/** What is counted of one method, route and status. */
export class HttpCell {
  readonly labels: LabelSet
  readonly durations: Distribution
  readonly sizes: Distribution = new Distribution(sizeBounds)
  aborted = 0

  constructor(method: string, route: string, status: number, bounds: readonly number[]) {
    this.labels = new LabelSet({ method, route, status })
    this.durations = new Distribution(bounds)
  }
}

/** The cells of a route. */
class RouteCells {
  readonly byKey: Map<number, HttpCell> = new Map()
  /** What was asked for last: of most routes it is asked for again. */
  method = ''
  status = -1
  last: HttpCell | undefined = undefined
}

/** Methods that have a label of their own; whatever else a client invents is `OTHER`. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']
const methodNumbers: ReadonlyMap<string, number> = new Map(methods.map((method, at) => [method, at]))
const otherMethod = methods.length

/**
 * The cells of an application, found by two look-ups instead of a hash over labels. Bounded: routes beyond the limit
 * share the label `other`.
 */
export class HttpCells {
  readonly #maxRoutes: number
  readonly #bounds: readonly number[]
  readonly #routes = new Map<string, RouteCells>()
  /** Observations whose route had no label of its own any more. */
  dropped = 0

  constructor(maxRoutes: number, bounds: readonly number[] = durationBounds) {
    this.#maxRoutes = maxRoutes
    this.#bounds = bounds
  }

  cell(method: string, route: string, status: number): HttpCell {
    const cells = this.#routes.get(route) ?? this.#admit(route)
    const { last } = cells
    if (last !== undefined && cells.status === status && cells.method === method) return last
    return this.#turn(cells, method, route, status)
  }

  #turn(cells: RouteCells, method: string, route: string, status: number): HttpCell {
    const number = methodNumbers.get(method) ?? otherMethod
    const key = status * 16 + number
    let cell = cells.byKey.get(key)
    if (cell === undefined) {
      const label = number === otherMethod ? 'OTHER' : method
      cell = new HttpCell(label, this.#routes.has(route) ? route : otherRoute, status, this.#bounds)
      cells.byKey.set(key, cell)
    }
    cells.method = method
    cells.status = status
    return (cells.last = cell)
  }

  *all(): Generator<HttpCell> {
    for (const cells of this.#routes.values()) yield* cells.byKey.values()
  }

  clear(): void {
    this.#routes.clear()
    this.dropped = 0
  }

  #admit(route: string): RouteCells {
    // What matched no route, and what has no room, is there whatever the limit.
    const reserved = (this.#routes.has(unmatchedRoute) ? 1 : 0) + (this.#routes.has(otherRoute) ? 1 : 0)
    let name = route
    if (route !== unmatchedRoute && this.#routes.size - reserved >= this.#maxRoutes) {
      this.dropped += 1
      name = otherRoute
    }
    let cells = this.#routes.get(name)
    if (cells === undefined) this.#routes.set(name, (cells = new RouteCells()))
    return cells
  }
}
