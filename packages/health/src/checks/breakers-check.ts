import type { HealthCheck } from '../check.js'
import type { BreakerView } from '../health.js'

/** Warns while a circuit breaker is open: what it guards is away, and the application goes on without it. */
export function breakersCheck(
  breakers: () => Iterable<BreakerView>,
  { name = 'breakers', critical = false } = {},
): HealthCheck {
  return {
    name,
    critical,
    check() {
      const open = [...breakers()].filter(({ state }) => state === 'open' || state === 'isolated').map((b) => b.name)
      return open.length === 0
        ? { status: 'pass' }
        : { status: critical ? 'fail' : 'warn', output: `open: ${open.join(', ')}` }
    },
  }
}
