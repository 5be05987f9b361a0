import type { Server } from 'node:http'
import {
  choiceOption,
  ConfigError,
  durationOption,
  functionOption,
  rejectUnknownOptions,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import type { HealthRegistry } from './health-registry.js'
import { ServerTraffic } from './server-traffic.js'
import { ShutdownHooks, type ShutdownHook, type ShutdownLogger, type ShutdownPhase } from './shutdown-hooks.js'

/** Options of {@link gracefulShutdown}. */
export interface GracefulShutdownOptions {
  /** Is told that the application goes away, so that readiness answers 503. @defaultValue none */
  registry?: HealthRegistry
  /**
   * Time between "not ready" and the end of listening: at least period × failures of the readiness probe. Answers say
   * `Connection: close` from its beginning, so that clients come off their connections.
   *
   * @defaultValue 0
   */
  delay?: Duration
  /** Time that the whole stop has; less than `terminationGracePeriodSeconds`. @defaultValue `'25s'` */
  deadline?: Duration
  /** Time that a hook has which names none. @defaultValue `'5s'` */
  hookTimeout?: Duration
  /** Signals that start it. @defaultValue `['SIGTERM', 'SIGINT']` */
  signals?: readonly NodeJS.Signals[]
  /** @defaultValue warnings and errors go to stderr */
  logger?: ShutdownLogger
  /** Ends the process. @defaultValue `process.exit` */
  exit?: (code: number) => void
  /** @defaultValue the system's */
  clock?: Clock
}

/** Options of {@link GracefulShutdown.onShutdown}. */
export interface ShutdownHookOptions {
  /** Time that the hook has. @defaultValue `hookTimeout` */
  timeout?: Duration
}

/** A stop that can be waited for, joined and started. */
export interface GracefulShutdown {
  /** Adds something to end. `before` runs while requests are still finished, `after` when they are, `flush` last. */
  onShutdown(phase: ShutdownPhase, name: string, hook: ShutdownHook, options?: ShutdownHookOptions): void
  /** Starts the stop, or joins the one under way. Resolves with the exit code. */
  shutdown(reason?: string): Promise<number>
  /** Whether it has begun. */
  readonly draining: boolean
  /** Takes the signal handlers off again, for tests and for those who start it themselves. */
  close(): void
}

const FACTORY = 'gracefulShutdown'
const OPTIONS = ['registry', 'delay', 'deadline', 'hookTimeout', 'signals', 'logger', 'exit', 'clock']

// What was opened and not used for so long is not going to be; and the other side has so long to answer a goodbye.
const REST_MS = 1_000

/**
 * Stops a server so that no request is lost: not ready, a delay for load balancers to notice, no new connections,
 * `Connection: close` on answers, requests in flight finished, hooks by phase, exit 0. At the deadline what still runs
 * is named and cut off, exit 1. A second signal ends at once.
 *
 * @example
 * const stop = gracefulShutdown(server, { registry: probes.registry, delay: '5s' })
 * stop.onShutdown('after', 'database', () => pool.end())
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function gracefulShutdown(server: Server, options: GracefulShutdownOptions = {}): GracefulShutdown {
  rejectUnknownOptions(FACTORY, options, OPTIONS)
  if (typeof server?.closeIdleConnections !== 'function') {
    throw new ConfigError(FACTORY, 'server', 'the server that app.listen() gives back', typeof server)
  }
  const { registry, signals = ['SIGTERM', 'SIGINT'], logger = stderrLogger, clock = systemClock } = options
  const exit = functionOption(FACTORY, 'exit', options.exit ?? ((code: number) => process.exit(code)))
  const delayMs = durationOption(FACTORY, 'delay', options.delay ?? 0)
  const deadlineMs = durationOption(FACTORY, 'deadline', options.deadline ?? '25s', { min: 1 })
  const hookMs = durationOption(FACTORY, 'hookTimeout', options.hookTimeout ?? '5s', { min: 1 })
  if (delayMs >= deadlineMs) throw new ConfigError(FACTORY, 'delay', 'less than `deadline`', options.delay)
  const hooks = new ShutdownHooks(clock, logger)
  const traffic = new ServerTraffic(server)
  let running: Promise<number> | undefined

  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms))

  async function cutOffLater(): Promise<void> {
    await wait(REST_MS)
    await traffic.finished()
    traffic.cutOff()
  }

  async function finishAll(deadline: AbortSignal): Promise<void> {
    if (delayMs > 0) await wait(delayMs)
    const closed = traffic.stopListening()
    await hooks.run('before', deadline)
    await traffic.finished()
    await Promise.race([closed, wait(REST_MS)])
    traffic.endRest()
    await Promise.race([closed, cutOffLater()])
    await closed
    if (deadline.aborted) return
    await hooks.run('after', deadline)
    if (deadline.aborted) return
    await hooks.run('flush', deadline)
  }

  async function stop(reason: string): Promise<number> {
    const controller = new AbortController()
    // Timers of the clock keep no process alive; this one has to live until the stop is through.
    const alive = setInterval(() => !server.listening && traffic.closeIdle(), 50)
    let timer: unknown
    const deadline = new Promise<'late'>((resolve) => {
      timer = clock.setTimeout(() => resolve('late'), deadlineMs)
    })
    try {
      logger.info('Shutting down', { reason, inFlight: traffic.inFlight })
      registry?.markDraining()
      traffic.drain()
      const end = await Promise.race([finishAll(controller.signal), deadline])
      if (end !== 'late') return 0
      logger.error('The deadline of the shutdown is over; what still runs is cut off', {
        requests: traffic.describe(),
      })
      controller.abort(new Error('The deadline of the shutdown is over'))
      traffic.cutOff()
      await hooks.run('flush', new AbortController().signal)
      return 1
    } catch (error) {
      logger.error('The shutdown failed', { error })
      return 1
    } finally {
      clock.clearTimeout(timer)
      clearInterval(alive)
    }
  }

  const self: GracefulShutdown = {
    onShutdown(phase, name, hook, { timeout = hookMs } = {}) {
      choiceOption('onShutdown', 'phase', phase, ['before', 'after', 'flush'])
      stringOption('onShutdown', 'name', name)
      functionOption('onShutdown', 'hook', hook)
      hooks.add({ phase, name, hook, timeoutMs: durationOption('onShutdown', 'timeout', timeout, { min: 1 }) })
    },
    shutdown(reason = 'asked to') {
      running ??= stop(reason).then((code) => {
        self.close()
        exit(code)
        return code
      })
      return running
    },
    get draining() {
      return running !== undefined
    },
    close() {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
  function onSignal(signal: NodeJS.Signals): void {
    if (running === undefined) return void self.shutdown(signal)
    logger.warn('A second signal: ending at once', { signal })
    exit(1)
  }
  for (const signal of signals) process.on(signal, onSignal)
  return self
}

/** Whoever has given no logger must still learn what was cut off. */
const stderrLogger: ShutdownLogger = {
  info() {},
  warn: toStderr,
  error: toStderr,
}

function toStderr(message: string, details: Readonly<Record<string, unknown>> = {}): void {
  const shown = Object.entries(details).map(([name, value]) => `${name}: ${String(value)}`)
  process.stderr.write(`${[message, ...shown].join('; ')}\n`)
}
