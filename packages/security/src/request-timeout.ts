import {
  ConfigError,
  Deadlines,
  durationOption,
  middleware,
  rejectUnknownOptions,
  systemClock,
  Timed,
  type Clock,
  type Duration,
  type Exchange,
  type NoteKey,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { answerInstead } from './answer-instead.js'
import { RequestTimeoutError } from './errors.js'
import { pathPredicate } from './exempt-paths.js'

/** Options of {@link requestTimeout}. */
export interface RequestTimeoutOptions {
  /**
   * How long the application may take until its answer begins; or a function that says so for each request, `0` for as
   * long as it likes.
   *
   * @defaultValue `'30s'`
   */
  timeout?: Duration | ((exchange: Exchange) => number)
  /** Paths, with all below them, that may take as long as they like. @defaultValue `[]` */
  exempt?: readonly string[]
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/**
 * Answers 503 where the application has not begun to answer in time, and fires `context.signal`, so that what the request
 * started can stop. An answer that has begun, a download or a stream of events, is left to go on.
 *
 * @example
 * app.use(requestTimeout({ timeout: '10s', exempt: ['/exports'] }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function requestTimeout(options: RequestTimeoutOptions = {}): StepMiddleware {
  const { clock = systemClock } = options ?? {}
  return middleware(timeoutStep(options, clock), { clock })
}

function timeoutStep(options: RequestTimeoutOptions, clock: Clock): Step {
  const factory = 'requestTimeout'
  rejectUnknownOptions(factory, options, ['timeout', 'exempt', 'clock'])
  const { timeout = '30s', exempt = [] } = options
  const timeoutMs = typeof timeout === 'function' ? undefined : durationOption(factory, 'timeout', timeout, { min: 1 })
  const isExempt = pathPredicate(factory, 'exempt', exempt)
  const deadlines = new Deadlines(clock, expire)
  const waiting: NoteKey<Waiting> = { name: factory }
  return {
    name: factory,
    request(exchange) {
      if (exempt.length > 0 && isExempt(exchange.path)) return
      const ms = timeoutMs ?? msOf((timeout as (exchange: Exchange) => number)(exchange))
      if (ms <= 0) return
      exchange.context.deadline = exchange.start + ms
      // Mounted twice, it is the later one's time that counts.
      letGo(exchange)
      const item = new Waiting(exchange, ms)
      exchange.setNote(waiting, item)
      deadlines.add(item, ms, exchange.start)
    },
    end: letGo,
  }

  function letGo(exchange: Exchange): void {
    const item = exchange.note(waiting)
    if (item !== undefined) deadlines.remove(item)
  }
}

function msOf(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 2_147_483_647) return Math.ceil(value)
  throw new ConfigError('requestTimeout', 'timeout', 'a function that gives milliseconds', value)
}

/** A request that waits for its answer. */
class Waiting extends Timed<Waiting> {
  readonly exchange: Exchange
  readonly timeoutMs: number

  constructor(exchange: Exchange, timeoutMs: number) {
    super()
    this.exchange = exchange
    this.timeoutMs = timeoutMs
  }
}

function expire({ exchange, timeoutMs }: Waiting): void {
  const error = new RequestTimeoutError(timeoutMs)
  if (answerInstead(exchange, error)) exchange.cancel(error)
}
