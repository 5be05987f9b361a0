import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import {
  durationOption,
  functionOption,
  rejectUnknownOptions,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import type { HealthRegistry } from './health-registry.js'

/** When a hook runs: phases follow one another, the hooks of one run side by side. */
export type ShutdownPhase = 'before' | 'after' | 'flush'

/** Something to end. The signal fires when the stop has run out of time. */
export type ShutdownHook = (signal: AbortSignal) => void | Promise<void>

/** What the shutdown says on its way. */
export interface ShutdownLogger {
  info(message: string, details?: object): void
  warn(message: string, details?: object): void
  error(message: string, details?: object): void
}

/** Options of {@link gracefulShutdown}. */
export interface GracefulShutdownOptions {
  /** Is told that the application goes away, so that readiness answers 503. @defaultValue none */
  registry?: HealthRegistry
  /** Time between "not ready" and the end of listening: at least period × failures of the readiness probe. @defaultValue 0 */
  delay?: Duration
  /** Time that the whole stop has; less than `terminationGracePeriodSeconds`. @defaultValue `'25s'` */
  deadline?: Duration
  /** Time that one hook has. @defaultValue `'5s'` */
  hookTimeout?: Duration
  /** Signals that start it. @defaultValue `['SIGTERM', 'SIGINT']` */
  signals?: readonly NodeJS.Signals[]
  /** @defaultValue silent */
  logger?: ShutdownLogger
  /** Ends the process. @defaultValue `process.exit` */
  exit?: (code: number) => void
  /** @defaultValue the system's */
  clock?: Clock
}

/** A stop that can be waited for, joined and started. */
export interface GracefulShutdown {
  /** Adds something to end. `before` runs while requests are still finished, `after` when they are, `flush` last. */
  onShutdown(phase: ShutdownPhase, name: string, hook: ShutdownHook): void
  /** Starts the stop, or joins the one under way. Resolves with the exit code. */
  shutdown(reason?: string): Promise<number>
  /** Whether it has begun. */
  readonly draining: boolean
  /** Takes the signal handlers off again, for tests and for those who start it themselves. */
  close(): void
}

const known = ['registry', 'delay', 'deadline', 'hookTimeout', 'signals', 'logger', 'exit', 'clock']
const silent: ShutdownLogger = { info() {}, warn() {}, error() {} }

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
  rejectUnknownOptions('gracefulShutdown', options, known)
  const { registry, signals = ['SIGTERM', 'SIGINT'], logger = silent, clock = systemClock } = options
  const exit = functionOption('gracefulShutdown', 'exit', options.exit ?? ((code: number) => process.exit(code)))
  const delayMs = durationOption('gracefulShutdown', 'delay', options.delay ?? 0)
  const deadlineMs = durationOption('gracefulShutdown', 'deadline', options.deadline ?? '25s', { min: 1 })
  const hookMs = durationOption('gracefulShutdown', 'hookTimeout', options.hookTimeout ?? '5s', { min: 1 })
  const hooks: { phase: ShutdownPhase; name: string; hook: ShutdownHook }[] = []
  const traffic = new Traffic(server)
  let running: Promise<number> | undefined

  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms))

  async function runHooks(phase: ShutdownPhase, signal: AbortSignal): Promise<void> {
    const due = hooks.filter((hook) => hook.phase === phase)
    await Promise.all(
      due.map(async ({ name, hook }) => {
        let timer: unknown
        const late = new Promise<'late'>((resolve) => {
          timer = clock.setTimeout(() => resolve('late'), hookMs)
        })
        try {
          const end = await Promise.race([Promise.resolve().then(() => hook(signal)), late])
          if (end === 'late') logger.warn('A shutdown hook took too long and was left', { hook: name, afterMs: hookMs })
        } catch (error) {
          logger.error('A shutdown hook failed', { hook: name, error })
        } finally {
          clock.clearTimeout(timer)
        }
      }),
    )
  }

  async function stop(reason: string): Promise<number> {
    const controller = new AbortController()
    logger.info('Shutting down', { reason, inFlight: traffic.inFlight })
    registry?.markDraining()
    traffic.drain()
    // Not the injected clock's unref'd timer alone: the process must live until the stop is through.
    const alive = setInterval(() => traffic.closeIdle(), 50)
    let timer: unknown
    const deadline = new Promise<'deadline'>((resolve) => {
      timer = clock.setTimeout(() => resolve('deadline'), deadlineMs)
    })
    const through = (async () => {
      if (delayMs > 0) await wait(delayMs)
      const closed = traffic.stopListening()
      await runHooks('before', controller.signal)
      await closed
      await runHooks('after', controller.signal)
      await runHooks('flush', controller.signal)
      return 'through' as const
    })()
    const end = await Promise.race([through, deadline])
    clock.clearTimeout(timer)
    clearInterval(alive)
    if (end === 'through') return 0
    logger.error('The deadline of the shutdown is over; requests are cut off', { requests: traffic.describe() })
    controller.abort(new Error('The deadline of the shutdown is over'))
    traffic.cutOff()
    await Promise.race([runHooks('flush', controller.signal), wait(hookMs)])
    return 1
  }

  const self: GracefulShutdown = {
    onShutdown(phase, name, hook) {
      hooks.push({ phase, name, hook })
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
    if (running !== undefined) {
      logger.warn('A second signal: ending at once', { signal })
      exit(1)
      return
    }
    void self.shutdown(signal)
  }
  for (const signal of signals) process.on(signal, onSignal)
  return self
}

/** The connections of a server and what is under way on them. */
class Traffic {
  readonly #server: Server
  readonly #requests = new Map<ServerResponse, IncomingMessage>()
  readonly #upgraded = new Set<Socket>()
  #draining = false

  constructor(server: Server) {
    this.#server = server
    server.prependListener('request', (req, res) => {
      this.#requests.set(res, req)
      if (this.#draining) this.#lastOf(res)
      res.once('close', () => this.#requests.delete(res))
    })
    server.on('upgrade', (_req, socket) => {
      const upgraded = socket as Socket
      this.#upgraded.add(upgraded)
      upgraded.once('close', () => this.#upgraded.delete(upgraded))
    })
  }

  get inFlight(): number {
    return this.#requests.size
  }

  /** From now on each answer is the last one of its connection. */
  drain(): void {
    this.#draining = true
    for (const res of this.#requests.keys()) this.#lastOf(res)
  }

  #lastOf(res: ServerResponse): void {
    if (!res.headersSent) res.setHeader('Connection', 'close')
  }

  /** Resolves when every connection has ended. */
  stopListening(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.closeIdle()
    })
  }

  /** Connections that wait for a next request keep the server from closing. */
  closeIdle(): void {
    if (this.#draining && !this.#server.listening) this.#server.closeIdleConnections()
  }

  describe(): string[] {
    return [...this.#requests.values()].map(({ method, url }) => `${method} ${(url ?? '').split('?')[0]}`)
  }

  cutOff(): void {
    this.#server.closeAllConnections()
    for (const socket of this.#upgraded) socket.destroy()
  }
}
