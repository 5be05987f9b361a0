import { performance } from 'node:perf_hooks'
import {
  booleanOption,
  durationOption,
  functionOption,
  headerName,
  middleware,
  numberOption,
  rejectUnknownOptions,
  type Duration,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import { accessDetails } from './access-line.js'
import type { AccessLogger, Logger } from './logger.js'
import { hundredths, serverTiming } from './number-text.js'

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
  booleanOption('accessLog', 'timing', timing)
  functionOption('accessLog', 'random', random)
  const slowMs = durationOption('accessLog', 'slow', slow)

  const sink = (logger as Partial<AccessLogger>).access
  sink?.hold()

  return middleware({
    name: 'accessLog',
    ...(timing && { head: sendTiming }),
    request: readAddress,
    end(x) {
      const isSlow = x.durationMs >= slowMs
      const isError = x.status >= 500
      const level = isError ? 'error' : isSlow || x.aborted ? 'warn' : 'info'
      if (level !== 'info') sink?.release(x.context)
      else if (skip?.(x) || (sample < 1 && random() >= sample)) return
      if (sink !== undefined) return sink.write(x, level, isSlow)
      if (!logger.isLevelEnabled(level)) return
      const { requestId, user, trace } = x.context
      logger.log(level, 'request', { requestId, traceId: trace.traceId, user, ...accessDetails(x, isSlow, x.path) })
    },
  })
}

/** A connection that the client has given up does not know any more whose it was: the exchange keeps what was read before. */
function readAddress(x: Exchange): void {
  void x.ip
}

const processTime = headerName('X-Process-Time')
const serverTimingName = headerName('Server-Timing')

function sendTiming(x: Exchange): void {
  const ms = performance.now() - x.start
  const text = hundredths(ms)
  x.setHeader(processTime, text, true)
  x.setHeader(serverTimingName, serverTiming(ms, text), true)
}
