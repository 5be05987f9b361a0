import { createHash, timingSafeEqual } from 'node:crypto'
import {
  choiceOption,
  ConfigError,
  middleware,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Exchange,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { createHealthRegistry, type HealthRegistry, type HealthReport } from './health-registry.js'
import { contentType, reportBody, type HealthFormat } from './report.js'

/** Who sees what each check has found. */
export type HealthDetails = 'never' | 'always' | ((exchange: Exchange) => boolean | Promise<boolean>)

/** A circuit breaker as the report shows it. */
export interface BreakerView {
  readonly name: string
  readonly state: string
}

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
  const maySee = detailsGuard(options)
  const headers = { 'Content-Type': contentType(format), 'Cache-Control': 'no-store' }
  const send = (x: Exchange, report: HealthReport, details: boolean): void => {
    const body = reportBody(report, format, details, options, clock.now())
    x.answer(report.status === 'fail' ? 503 : 200, headers, x.req.method === 'HEAD' ? undefined : body)
  }
  const forbidden = (x: Exchange): void => x.answer(404, { 'Cache-Control': 'no-store' })

  const ready = async (): Promise<HealthReport> => {
    if (registry.draining || !registry.started) return { status: 'fail', checks: [] }
    return registry.report()
  }
  const table: Record<string, Endpoint> = {
    '/liveness': (x) => send(x, { status: 'pass', checks: [] }, false),
    '/startup': (x) => send(x, { status: registry.started ? 'pass' : 'fail', checks: [] }, false),
    '/readiness': async (x) => send(x, await ready(), await maySee(x)),
    '': async (x) => send(x, await ready(), await maySee(x)),
    '/detailed': async (x) => ((await maySee(x)) ? send(x, await ready(), true) : forbidden(x)),
    '/circuit-breakers': async (x) => {
      if (!(await maySee(x))) return forbidden(x)
      const all = [...breakers()].map(({ name, state }) => ({ name, state }))
      x.answer(
        200,
        { ...headers, 'Content-Type': 'application/json; charset=utf-8' },
        JSON.stringify({ breakers: all }),
      )
    },
  }
  return (x) => {
    if (!x.path.startsWith(path)) return
    const endpoint = table[x.path.slice(path.length)]
    if (endpoint === undefined) return
    if (x.req.method !== 'GET' && x.req.method !== 'HEAD') return
    return endpoint(x)
  }
}

/** Whether a request may see details: by the token, compared in constant time, or by what the user decides. */
function detailsGuard({ details = 'never', token }: HealthOptions): (exchange: Exchange) => boolean | Promise<boolean> {
  if (typeof details !== 'function') choiceOption('health', 'details', details, ['never', 'always'])
  if (token !== undefined && (typeof token !== 'string' || token.length < 16)) {
    throw new ConfigError('health', 'token', 'a text of at least 16 characters', 'another value (hidden)')
  }
  const wanted = token === undefined ? undefined : digest(`Bearer ${token}`)
  return (x) => {
    if (details === 'always') return true
    const given = x.req.headers.authorization
    if (wanted !== undefined && given !== undefined && timingSafeEqual(digest(given), wanted)) return true
    return details === 'never' ? false : details(x)
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
