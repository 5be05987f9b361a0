import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { Clock } from '@hardening/core'

/** What is known of an operation within the window. */
export interface WindowFigures {
  readonly calls: number
  readonly errors: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Calls a second. */
  readonly throughput: number
}

// Two figures: a percentile is off by less than 1 %. Three would take eight times the memory.
const histogramOptions = { lowest: 1, highest: 3_600_000_000_000, figures: 2 }
const slices = 5

interface Slice {
  index: number
  calls: number
  errors: number
  readonly nanoseconds: RecordableHistogram
}

/** Durations and errors of the last while, in slices, of which the oldest is dropped as a whole. */
export class OperationWindow {
  readonly #clock: Clock
  readonly #sliceMs: number
  readonly #started: number
  readonly #slices: Slice[] = []

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock
    this.#sliceMs = windowMs / slices
    this.#started = clock.monotonic()
  }

  record(durationMs: number, failed: boolean): void {
    const slice = this.#current()
    slice.calls += 1
    if (failed) slice.errors += 1
    const nanoseconds = Math.round(durationMs * 1e6)
    slice.nanoseconds.record(Math.min(Math.max(nanoseconds, 1), histogramOptions.highest))
  }

  figures(): WindowFigures {
    const now = this.#clock.monotonic()
    const first = Math.floor(now / this.#sliceMs) - slices + 1
    const live = this.#slices.filter((slice) => slice.index >= first && slice.calls > 0)
    const merged = createHistogram(histogramOptions)
    for (const { nanoseconds } of live) merged.add(nanoseconds)
    const calls = live.reduce((sum, slice) => sum + slice.calls, 0)
    const errors = live.reduce((sum, slice) => sum + slice.errors, 0)
    const at = (percentile: number): number => (calls === 0 ? 0 : merged.percentile(percentile) / 1e6)
    const covered = now - Math.max(this.#started, first * this.#sliceMs)
    return {
      calls,
      errors,
      p50Ms: at(50),
      p95Ms: at(95),
      p99Ms: at(99),
      maxMs: calls === 0 ? 0 : merged.max / 1e6,
      throughput: covered > 0 ? (calls * 1000) / covered : 0,
    }
  }

  #current(): Slice {
    const index = Math.floor(this.#clock.monotonic() / this.#sliceMs)
    const place = index % slices
    const slice = (this.#slices[place] ??= {
      index,
      calls: 0,
      errors: 0,
      nanoseconds: createHistogram(histogramOptions),
    })
    if (slice.index !== index) {
      slice.index = index
      slice.calls = 0
      slice.errors = 0
      slice.nanoseconds.reset()
    }
    return slice
  }
}
