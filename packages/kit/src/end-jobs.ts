import { parseDuration, type Duration } from '@hardening/core'
import type { GracefulShutdown } from '@hardening/health'
import type { HardenOptions } from './options.js'

/** Time that a hook has beyond that of the jobs, which keep to theirs. */
const margin = 500

/**
 * Ends jobs with the server. Their work ends while requests are still answered, before anything is taken away that they
 * work with; requests can enqueue to the last. Jobs that run have two fifths of the deadline, half of it before their
 * signals fire.
 */
export function endJobs(stop: GracefulShutdown, jobs: NonNullable<HardenOptions['jobs']>, deadline: Duration): void {
  const timeout = Math.min(10_000, Math.ceil((parseDuration(deadline) as number) * 0.4))
  stop.onShutdown('before', 'jobs', () => jobs.stop({ timeout }), { timeout: timeout + margin })
  const rest = Math.min(2000, timeout)
  stop.onShutdown('after', 'jobs', () => jobs.close({ timeout: rest }), { timeout: rest + margin })
}
