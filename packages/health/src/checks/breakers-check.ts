import type { HealthCheck } from '../check.js'

/** A circuit breaker as a report shows it. */
export interface BreakerView {
  /** Name of what it guards. */
  readonly name: string
  /** `closed`, `open`, `half-open` or `isolated`. */
  readonly state: string
}

/** Options of {@link breakersCheck}. */
export interface BreakersCheckOptions {
  /** Name in reports. @defaultValue `'breakers'` */
  name?: string
  /** Whether the application cannot work while one is open. @defaultValue `false` */
  critical?: boolean
}

/** Warns while a circuit breaker is open: what it guards is away, and the application goes on without it. */
export function breakersCheck(breakers: () => Iterable<BreakerView>, options: BreakersCheckOptions = {}): HealthCheck {
  const { name = 'breakers', critical = false } = options
  return {
    name,
    critical,
    check() {
      const open = [...breakers()].filter(({ state }) => state === 'open' || state === 'isolated').map((b) => b.name)
      if (open.length === 0) return { status: 'pass' }
      return { status: critical ? 'fail' : 'warn', output: `open: ${open.join(', ')}` }
    },
  }
}
