import { breakersCheck, createHealthRegistry, type HealthCheck, type HealthRegistry } from '@hardening/health'
import type { BreakerRegistry } from '@hardening/resilience'
import type { HardenOptions } from './options.js'

/** The checks of the application with those of the breakers and of the jobs, unless it has its own under their names. */
export function makeHealth(
  checks: readonly HealthCheck[],
  breakers: BreakerRegistry,
  jobs: HardenOptions['jobs'],
): HealthRegistry {
  const own = new Set(checks.map(({ name }) => name))
  const more = [breakersCheck(() => breakers), ...(jobs === undefined ? [] : [jobs.check()])]
  return createHealthRegistry({ checks: [...checks, ...more.filter(({ name }) => !own.has(name))] })
}
