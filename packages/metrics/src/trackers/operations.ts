import type { Distribution } from '../exposition/distribution.js'
import { histogram } from '../exposition/histogram.js'
import type { Labelled } from '../exposition/labelled.js'
import { BoundedMap } from './bounded-map.js'
import { OperationWindow } from './operation-window.js'
import type { ResolvedTrackers } from './options.js'
import { Slowest } from './slowest.js'

/** An operation of a kind and name, in the window of a summary. */
export interface OperationSummary {
  readonly kind: string
  readonly name: string
  readonly calls: number
  readonly errors: number
  /** Errors per call, 0 to 1. */
  readonly errorRate: number
  /** Calls a second. */
  readonly throughput: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const operationBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

interface Operation {
  readonly kind: string
  readonly name: string
  readonly window: OperationWindow
}

/** Every operation that was measured: into the registry, into the window, and among the slow ones. */
export class Operations {
  readonly #options: ResolvedTrackers
  readonly #durations: Labelled<Distribution>
  readonly #kinds: BoundedMap<BoundedMap<Operation>>
  readonly slow: Slowest

  constructor(options: ResolvedTrackers) {
    this.#options = options
    const { registry, prefix, clock, windowMs, maxNames } = options
    this.#durations = histogram('trackers', registry, operationBounds, {
      name: `${prefix}operation_duration_seconds`,
      help: 'Time of operations.',
      labels: ['kind', 'name', 'outcome'],
      maxSeries: maxNames * 8,
    })
    this.#kinds = new BoundedMap(20, (kind) => {
      return new BoundedMap(maxNames, (name) => ({ kind, name, window: new OperationWindow(clock, windowMs) }))
    })
    this.slow = new Slowest(clock, windowMs, options.slowest)
  }

  record(kind: string, name: string, durationMs: number, failed: boolean, requestId?: string): void {
    const operation = this.#kinds.get(kind).get(name)
    operation.window.record(durationMs, failed)
    this.#durations.with(operation.kind, operation.name, failed ? 'error' : 'success').observe(durationMs / 1000)
    const threshold = this.#options.thresholdOf(kind)
    if (durationMs >= threshold) this.slow.report(kind, operation.name, durationMs, threshold, requestId)
  }

  summaries(): OperationSummary[] {
    const all: OperationSummary[] = []
    for (const names of this.#kinds.values()) {
      for (const { kind, name, window } of names.values()) {
        const figures = window.figures()
        const { calls, errors } = figures
        if (calls > 0) all.push({ kind, name, errorRate: errors / calls, ...figures })
      }
    }
    return all.sort((a, b) => b.p95Ms - a.p95Ms)
  }
}
