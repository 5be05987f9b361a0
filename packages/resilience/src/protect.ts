import {
  booleanOption,
  durationOption,
  functionOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import { breakerRuleNames, controlOf, resolveCircuit, type BreakerRules } from './breaker/breaker-options.js'
import type { BreakerRegistry } from './breaker/breaker-registry.js'
import type { BreakerControl } from './breaker/breaker-view.js'
import { bulkheadLimitNames, Gate, resolveLimits, type BulkheadLimits } from './bulkhead.js'
import { Flight } from './call/flight.js'
import { stack, type Part } from './call/part.js'
import type { Run } from './call/run.js'
import type { CallRecord, Scope } from './call/scope.js'
import { TimerRow } from './call/timer-row.js'
import { classifyOption, type ClassifyOption } from './classify/option.js'
import { CallTimeoutError } from './errors.js'
import { fallbackPart, type FallbackSource } from './fallback.js'
import { hedgePart, hedgeRuleNames, resolveHedge, type HedgeRules } from './hedge.js'
import { LayeredPolicy, type Policy } from './policy.js'
import { retryPart } from './retry/retry-part.js'
import { resolveRetry, retryRuleNames, type RetryRules } from './retry/retry.js'
import { newStats } from './stats.js'
import { timeoutPart } from './timeout.js'

/** Options of {@link protect}. */
export interface ProtectOptions<Fallback = never> {
  /** How long one attempt may take; `false` for as long as it likes. @defaultValue `'10s'` */
  timeout?: Duration | false
  /** How long a call with all its attempts and waits may take; `false` for no bound. @defaultValue `'30s'` */
  totalTimeout?: Duration | false
  /** How failed attempts are tried again; `false` for not at all. @defaultValue 3 retries within a budget */
  retry?: RetryRules | false
  /** When the service is not asked for a while; `false` for never. @defaultValue as `circuitBreaker` */
  breaker?: BreakerRules | false
  /** How many attempts may be under way; `false` for any number. @defaultValue 50, none waiting */
  bulkhead?: BulkheadLimits | false
  /** Second attempts beside slow ones, for idempotent calls. They spend of the retries' budget. @defaultValue `false` */
  hedge?: HedgeRules | false
  /** What answers where the service fails: a value, or a function of the error. @defaultValue nothing */
  fallback?: FallbackSource<Fallback>
  /** For which errors the fallback answers. @defaultValue failures of the service and refusals of this package */
  fallbackWhen?: (error: unknown) => boolean
  /** Whether doing it twice does no harm; a call may say otherwise. @defaultValue `false` */
  idempotent?: boolean
  /** Which errors are tried again and counted. @defaultValue `'standard'` */
  classify?: ClassifyOption
  /** Frees what a result holds that nobody will take: it came too late, or was a failure that is tried again. */
  discard?: (value: unknown) => void
  /** Where the breaker is listed, for health and operators. @defaultValue nowhere */
  registry?: BreakerRegistry
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
  /** Where chance comes from: 0 to 1. @defaultValue `Math.random` */
  random?: () => number
}

/** All policies around one service. */
export interface Protection<Fallback = never> extends Policy<Fallback> {
  /** Its breaker; `undefined` where it has none. */
  readonly breaker: BreakerControl | undefined
  /** Attempts under way. */
  readonly running: number
  /** Attempts that wait for their turn in the bulkhead. */
  readonly queued: number
}

/** Every option, for the refusal of unknown ones. */
export const protectOptionNames: readonly (keyof ProtectOptions)[] = [
  'timeout',
  'totalTimeout',
  'retry',
  'breaker',
  'bulkhead',
  'hedge',
  'fallback',
  'fallbackWhen',
  'idempotent',
  'classify',
  'discard',
  'registry',
  'clock',
  'random',
]

/**
 * All policies around a service, from outside: fallback, time-out of the whole, retries within a budget, hedging, breaker,
 * bulkhead, time-out of an attempt. In a request of the toolkit, a client that goes ends the call.
 *
 * @example
 * const billing = protect('billing', { timeout: '2s', registry: breakers })
 * const invoice = await billing.execute(({ signal }) => loadInvoice(id, { signal }), { idempotent: true })
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function protect<Fallback = never>(
  service: string,
  options: ProtectOptions<Fallback> = {},
): Protection<Fallback> {
  return protectFor('protect', service, options)
}

/** {@link protect} for a factory of another name. */
export function protectFor<Fallback>(
  factory: string,
  service: string,
  options: ProtectOptions<Fallback>,
): Protection<Fallback> {
  stringOption(factory, 'service', service)
  rejectUnknownOptions(factory, options, protectOptionNames)
  const { clock = systemClock, random = Math.random, idempotent = false, classify = 'standard', registry } = options
  const { timeout = '10s', totalTimeout = '30s', discard, fallbackWhen } = options
  booleanOption(factory, 'idempotent', idempotent)
  functionOption(factory, 'random', random)
  if (discard !== undefined) functionOption(factory, 'discard', discard)
  if (fallbackWhen !== undefined) functionOption(factory, 'fallbackWhen', fallbackWhen)
  const rulesOf = (name: keyof ProtectOptions, known: readonly string[], otherwise?: false): object | undefined => {
    const { [name]: given = otherwise ?? {} } = options as Record<string, unknown>
    if (given === false) return undefined
    rejectUnknownOptions(factory, given, known, name)
    return given as object
  }
  const retry: RetryRules | undefined = rulesOf('retry', retryRuleNames)
  const breaker: BreakerRules | undefined = rulesOf('breaker', breakerRuleNames)
  const bulkhead: BulkheadLimits | undefined = rulesOf('bulkhead', bulkheadLimitNames)
  const hedge: HedgeRules | undefined = rulesOf('hedge', hedgeRuleNames, false)

  const stats = newStats()
  const classifier = classifyOption(factory, 'classify', classify, clock)
  const retryRules = retry && resolveRetry(factory, 'retry.', retry, clock, random)
  // Without a breaker one that does nothing counts what went well and what failed.
  const circuit = resolveCircuit(factory, 'breaker.', service, breaker ?? { mode: 'disabled' }, clock)
  const limits = bulkhead && resolveLimits(factory, 'bulkhead.', bulkhead)
  const gate = limits && new Gate(service, limits, clock, stats)
  const attemptMs = limitOption(factory, 'timeout', timeout)
  const totalMs = limitOption(factory, 'totalTimeout', totalTimeout)
  const expire = (scope: Scope): void => {
    stats.timeouts++
    scope.cancel(new CallTimeoutError(service, attemptMs, 'attempt'))
  }
  const row = attemptMs === Infinity ? undefined : new TimerRow(clock, attemptMs, expire)
  const budget = retryRules?.budget
  const source = options.fallback
  const hasFallback = source !== undefined
  const flights = { circuit, gate, row, classifier, clock, stats, discard, budget, totalMs, hasFallback }

  const parts: Part[] = []
  if (hasFallback) parts.push(fallbackPart({ source, when: fallbackWhen, classifier, stats }))
  if (totalMs !== Infinity) parts.push(timeoutPart({ service, ms: totalMs, kind: 'total', clock, stats }))
  if (retryRules) parts.push(retryPart({ ...retryRules, service, idempotent, classifier, clock, stats, discard }))
  parts.push(firstPart)
  if (hedge) {
    const rules = resolveHedge(factory, 'hedge.', hedge)
    parts.push(hedgePart({ ...rules, idempotent, budget, clock, stats, discard }))
  }
  parts.push({ layer: () => (scope) => new Flight(flights, scope.call, scope).begin() })
  // The first attempt may go ahead of its layers where its own time ends before that of the whole, and nothing runs beside.
  const first =
    hedge === undefined && attemptMs + (limits?.queue ? limits.maxWaitMs : 0) <= totalMs
      ? (call: CallRecord, parent: Scope | undefined, resume: Run): Promise<unknown> => {
          budget?.earn()
          const flight = new Flight(flights, call, parent)
          flight.resume = resume
          return flight.begin()
        }
      : undefined

  const control = breaker && controlOf(circuit)
  if (control) registry?.add(control)
  const whole = stack(parts)
  const policy = new LayeredPolicy<Fallback>({
    service,
    clock,
    stats,
    discard,
    layer: whole.layer,
    ...(first === undefined ? {} : { first }),
    close() {
      whole.close()
      gate?.close()
      row?.close()
      if (control) registry?.remove(control)
    },
  })
  return Object.defineProperties(policy as unknown as Protection<Fallback>, {
    breaker: { value: control, enumerable: true },
    running: { get: () => gate?.running ?? 0 },
    queued: { get: () => gate?.queued ?? 0 },
  })
}

/** Gives the layers the outcome of a first attempt that went ahead of them. */
const firstPart: Part = {
  layer: (inner) => (scope) => {
    const { call } = scope
    const { first } = call
    if (first === undefined) return inner(scope)
    call.first = undefined
    return 'error' in first ? Promise.reject(first.error) : Promise.resolve(first.value)
  },
}

function limitOption(factory: string, name: string, value: Duration | false): number {
  return value === false ? Infinity : durationOption(factory, name, value, { min: 1 })
}
