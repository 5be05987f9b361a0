import {
  booleanOption,
  ConfigError,
  durationOption,
  integerOption,
  rejectUnknownOptions,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import type { CheckStatus, HealthCheck } from './check.js'
import { CheckRunner, type CheckState } from './check-runner.js'

/** Options of {@link createHealthRegistry}. */
export interface HealthRegistryOptions {
  /** What the application depends on. More can be added later. @defaultValue `[]` */
  checks?: readonly HealthCheck[]
  /** Time of a check that names none. @defaultValue `'2s'` */
  timeout?: Duration
  /** How long an answer serves other probes. @defaultValue `'1s'` */
  cacheFor?: Duration
  /** Failures in a row before a check that was well is called failed. @defaultValue 1 */
  failures?: number
  /** Successes in a row before a check that failed is called well. @defaultValue 1 */
  successes?: number
  /** Whether the application is started from the beginning; else readiness waits for `markStarted()`. @defaultValue `true` */
  started?: boolean
  /** @defaultValue the system's */
  clock?: Clock
}

/** The state of all checks together. */
export interface HealthReport {
  readonly status: CheckStatus
  readonly checks: readonly CheckState[]
  /** Why it is `fail` though no check is: going away, not started yet. */
  readonly output?: string
  /** Whether it is `fail` for that reason alone: nothing is broken. */
  readonly outOfService?: boolean
}

/** Everything that the health of an application depends on. */
export interface HealthRegistry {
  /** Adds a check. @returns a function that takes it out again. @throws ConfigError where the name is taken or wrong. */
  add(check: HealthCheck): () => void
  /** Runs what has to be run and puts the answers together. Never rejects. */
  report(): Promise<HealthReport>
  /** What the last runs have found, without running anything. */
  readonly last: HealthReport
  readonly started: boolean
  markStarted(): void
  /** Whether the application is going away: readiness is 503 from then on, liveness stays 200. */
  readonly draining: boolean
  markDraining(): void
}

/**
 * Gathers the checks of an application. Each runs once for all who ask at the same time.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function createHealthRegistry(options: HealthRegistryOptions = {}): HealthRegistry {
  const factory = 'createHealthRegistry'
  rejectUnknownOptions(factory, options, ['checks', 'timeout', 'cacheFor', 'failures', 'successes', 'started', 'clock'])
  const { checks = [], timeout = '2s', cacheFor = '1s', failures = 1, successes = 1, clock = systemClock } = options
  const timeoutMs = durationOption(factory, 'timeout', timeout, { min: 1 })
  const cacheMs = durationOption(factory, 'cacheFor', cacheFor)
  const hysteresis = {
    failures: integerOption(factory, 'failures', failures, { min: 1 }),
    successes: integerOption(factory, 'successes', successes, { min: 1 }),
  }
  const runners = new Map<string, CheckRunner>()
  let started = booleanOption(factory, 'started', options.started ?? true)
  let draining = false

  const registry: HealthRegistry = {
    add(check) {
      if (typeof check?.check !== 'function')
        throw new ConfigError(factory, 'checks', 'checks with a function `check`', check)
      if (typeof check.name !== 'string' || !/^[^:\s]{1,100}$/.test(check.name) || runners.has(check.name)) {
        throw new ConfigError(factory, 'checks.name', 'a name of its own, without ":" and spaces', check.name)
      }
      if (check.timeoutMs !== undefined) integerOption(factory, 'checks.timeoutMs', check.timeoutMs, { min: 1 })
      if (check.critical !== undefined) booleanOption(factory, 'checks.critical', check.critical)
      runners.set(check.name, new CheckRunner(check, { timeoutMs, cacheMs, hysteresis, clock }))
      const runner = runners.get(check.name)
      return () => {
        if (runners.get(check.name) === runner) runners.delete(check.name)
      }
    },
    async report() {
      return combine(await Promise.all([...runners.values()].map((runner) => runner.run())))
    },
    get last() {
      return combine([...runners.values()].flatMap(({ last }) => last ?? []))
    },
    get started() {
      return started
    },
    markStarted() {
      started = true
    },
    get draining() {
      return draining
    },
    markDraining() {
      draining = true
    },
  }
  for (const check of checks) registry.add(check)
  return registry
}

function combine(checks: readonly CheckState[]): HealthReport {
  const failed = checks.some(({ status, critical }) => status === 'fail' && critical)
  const worried = checks.some(({ status }) => status !== 'pass')
  return { status: failed ? 'fail' : worried ? 'warn' : 'pass', checks }
}
