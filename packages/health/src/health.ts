import { createHash, timingSafeEqual } from 'node:crypto'
import {
  choiceOption,
  ConfigError,
  functionOption,
  middleware,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Exchange,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import type { BreakerView } from './checks/breakers-check.js'
import { createHealthRegistry, type HealthRegistry, type HealthReport } from './health-registry.js'
import { contentType, reportBody, type HealthFormat } from './report.js'

/** Who sees what each check has found. */
export type HealthDetails = 'never' | 'always' | ((exchange: Exchange) => boolean | Promise<boolean>)

/** Options of {@link health}. */
export interface HealthOptions {
  /** What to report on. @defaultValue a registry without checks */
  registry?: HealthRegistry
  /** Where the endpoints lie. @defaultValue `'/health'` */
  path?: string
  /** The words of the reports. @defaultValue `'health+json'` */
  format?: HealthFormat
  /** Who sees details, beside those with the token. @defaultValue `'never'` */
  details?: HealthDetails
  /** Bearer token that sees details; at least 16 characters. @defaultValue none */
  token?: string
  /** Version of the application, for the details. @defaultValue none */
  version?: string
  /** Id of the application, for the details. @defaultValue none */
  serviceId?: string
  /** What the application is, for the details. @defaultValue none */
  description?: string
  /** The circuit breakers to show at `/circuit-breakers`. @defaultValue none */
  breakers?: () => Iterable<BreakerView>
  /** @defaultValue the system's */
  clock?: Clock
}

const known = [
  'registry',
  'path',
  'format',
  'details',
  'token',
  'version',
  'serviceId',
  'description',
  'breakers',
  'clock',
]

/** Middleware with the registry that it reports on. */
export type HealthMiddleware = StepMiddleware & { readonly registry: HealthRegistry }

/**
 * Answers `/health/liveness`, `/readiness`, `/startup`, `/detailed`, `/circuit-breakers` and `/health` itself.
 *
 * Liveness tests nothing but that the process answers, and stays 200 while the application drains: a probe that fails
 * because of a database would only have it restarted. Readiness is 503 while a critical check fails, before the
 * application has started and while it drains.
 *
 * @example
 * const probes = health({ registry: createHealthRegistry({ checks: [postgresCheck(pool)] }) })
 * app.use(probes)
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
 */
export function health(options: HealthOptions = {}): HealthMiddleware {
  rejectUnknownOptions('health', options, known)
  const { registry = createHealthRegistry(), path = '/health' } = options
  if (stringOption('health', 'path', path) !== '/health' && !/^(?:\/[\w.~-]+)+$/.test(path)) {
    throw new ConfigError('health', 'path', 'a path such as /health', path)
  }
  const step: Step = { name: 'health', request: endpoints(options, registry, path) }
  return Object.assign(middleware(step), { registry })
}

type Endpoint = (exchange: Exchange) => void | Promise<void>

function endpoints(options: HealthOptions, registry: HealthRegistry, path: string): Endpoint {
  const { clock = systemClock, breakers = () => [] } = options
  const format = choiceOption('health', 'format', options.format ?? 'health+json', ['health+json', 'plain', 'actuator'])
  functionOption('health', 'breakers', breakers)
  const maySee = detailsGuard(options)
  const headers = { 'Content-Type': contentType(format), 'Cache-Control': 'no-store' }
  const json = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' }
  const send = (x: Exchange, report: HealthReport, details: boolean): void =>
    x.answer(report.status === 'fail' ? 503 : 200, headers, reportBody(report, format, details, options, clock.now()))
  // Who may not see it does not learn that there is something to see.
  const hidden = (x: Exchange): void => x.answer(404, { 'Cache-Control': 'no-store' })

  const ready = async (): Promise<HealthReport> => {
    const report = await registry.report()
    const output = registry.draining ? 'shutting down' : registry.started ? undefined : 'not started yet'
    return output === undefined ? report : { ...report, status: 'fail', output, outOfService: report.status !== 'fail' }
  }
  const readiness: Endpoint = async (x) => {
    const details = await maySee(x)
    // Nothing is asked of the dependencies where the answer is clear without them.
    if (!details && (registry.draining || !registry.started)) return send(x, failing, false)
    return send(x, await ready(), details)
  }
  const table = new Map<string, Endpoint>([
    ['/liveness', (x) => send(x, passing, false)],
    ['/startup', (x) => send(x, registry.started ? passing : failing, false)],
    ['/readiness', readiness],
    ['', readiness],
    ['/detailed', async (x) => ((await maySee(x)) ? send(x, await ready(), true) : hidden(x))],
    [
      '/circuit-breakers',
      async (x) => {
        if (!(await maySee(x))) return hidden(x)
        const shown = [...breakers()].map(({ name, state }) => ({ name, state }))
        return x.answer(200, json, JSON.stringify({ breakers: shown }))
      },
    ],
  ])
  return (x) => {
    if (!x.path.startsWith(path)) return
    const rest = x.path.slice(path.length)
    const name = rest.endsWith('/') ? rest.slice(0, -1) : rest
    const endpoint = table.get(name)
    if (endpoint === undefined || (x.method !== 'GET' && x.method !== 'HEAD')) return
    x.route = path + name
    return endpoint(x)
  }
}

const passing: HealthReport = { status: 'pass', checks: [] }
/** Nothing is broken, but nothing should be sent here: not yet, or not any more. */
const failing: HealthReport = { status: 'fail', checks: [], outOfService: true }

/** Whether a request may see details: by the token, compared in constant time, or by what the user decides. */
function detailsGuard({ details = 'never', token }: HealthOptions): (exchange: Exchange) => Promise<boolean> {
  if (typeof details !== 'function') choiceOption('health', 'details', details, ['never', 'always'])
  if (token !== undefined && (typeof token !== 'string' || token.length < 16)) {
    throw new ConfigError('health', 'token', 'a text of at least 16 characters', 'another value (hidden)')
  }
  const wanted = token === undefined ? undefined : digest(`Bearer ${token}`)
  return async (x) => {
    if (details === 'always') return true
    const given = x.headers.authorization
    if (wanted !== undefined && given !== undefined && timingSafeEqual(digest(given), wanted)) return true
    if (details === 'never') return false
    try {
      return await details(x)
    } catch {
      // A probe has to be answered also where the session store, say, is away.
      return false
    }
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
