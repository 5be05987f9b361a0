import {
  durationOption,
  functionOption,
  middleware,
  numberOption,
  rejectUnknownOptions,
  type Duration,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import type { Logger } from './logger.js'

/** Options of {@link accessLog}. */
export interface AccessLogOptions {
  /** Where the lines go. */
  logger: Logger
  /** Requests that leave no line unless they fail. @defaultValue none */
  skip?: (exchange: Exchange) => boolean
  /** Share of the requests that leave a line; those that fail or are slow always do. @defaultValue 1 */
  sample?: number
  /** Duration at which a request is slow: its line is a warning. @defaultValue `'1s'` */
  slow?: Duration
  /** Sends `X-Process-Time` (milliseconds until the head) and `Server-Timing`. @defaultValue `true` */
  timing?: boolean
  /** Chance from 0 to 1, for sampling. @defaultValue `Math.random` */
  random?: () => number
}

/**
 * One line a request, also for those that the client gave up: method, path, route, status, duration, address, bytes.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function accessLog(options: AccessLogOptions): StepMiddleware {
  rejectUnknownOptions('accessLog', options, ['logger', 'skip', 'sample', 'slow', 'timing', 'random'])
  const { logger, skip, sample = 1, slow = '1s', timing = true, random = Math.random } = options
  functionOption('accessLog', 'logger.info', logger?.info)
  if (skip !== undefined) functionOption('accessLog', 'skip', skip)
  numberOption('accessLog', 'sample', sample, { min: 0, max: 1 })
  const slowMs = durationOption('accessLog', 'slow', slow)

  return middleware({
    name: 'accessLog',
    ...(timing && { head: sendTiming }),
    end(x) {
      const isSlow = x.durationMs >= slowMs
      const failed = x.status >= 500 || x.aborted
      if (!failed && !isSlow && (skip?.(x) || (sample < 1 && random() >= sample))) return
      const level = x.status >= 500 ? 'error' : isSlow || x.aborted ? 'warn' : 'info'
      if (!logger.isLevelEnabled(level)) return
      logger.log(level, 'request', {
        requestId: x.context.requestId,
        traceId: x.context.trace.traceId,
        user: x.context.user,
        method: x.req.method,
        path: x.path,
        route: x.route,
        status: x.status,
        durationMs: Math.round(x.durationMs * 1000) / 1000,
        ip: x.ip,
        bytes: x.bytes,
        ...(x.aborted && { aborted: true }),
        ...(isSlow && { slow: true }),
      })
    },
  })
}

function sendTiming(x: Exchange): void {
  const ms = (performance.now() - x.start).toFixed(2)
  x.setHeader('X-Process-Time', ms)
  x.setHeader('Server-Timing', `app;dur=${ms}`)
}
