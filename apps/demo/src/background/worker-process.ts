import { fork, type ChildProcess } from 'node:child_process'
import type { Logger } from '@hardening/logging'

/** How the worker process stands. */
export interface WorkerView {
  readonly pid: number | undefined
  readonly state: 'starting' | 'working' | 'restarting' | 'stopped'
  /** How often it had to be started again. */
  readonly restarts: number
}

/** What a {@link WorkerProcess} is made of. */
export interface WorkerParts {
  /** The file that it runs. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logger: Logger
  /** Is handed what the worker tells, beside that it is ready. */
  readonly onMessage: (message: unknown) => void
}

/** First and longest wait before it is started again; once it has run for a while the waits begin anew. */
const restartMs = { first: 500, longest: 10_000, forgetAfter: 20_000 } as const

/** A process that works on jobs: started again when it dies, ended with this one. */
export class WorkerProcess {
  readonly #parts: WorkerParts
  #child: ChildProcess | undefined = undefined
  #state: WorkerView['state'] = 'stopped'
  #restarts = 0
  #wait: number = restartMs.first
  #startedAt = 0
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(parts: WorkerParts) {
    this.#parts = parts
  }

  get view(): WorkerView {
    return { pid: this.#child?.pid, state: this.#state, restarts: this.#restarts }
  }

  start(): void {
    const { file, env, onMessage, logger } = this.#parts
    this.#state = 'starting'
    this.#startedAt = performance.now()
    const child = fork(file, [], { env: { ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    child.on('message', (message) => {
      if (message !== 'ready') return onMessage(message)
      if (this.#child === child && this.#state === 'starting') this.#state = 'working'
    })
    child.on('error', (error) => logger.error('The worker process failed', { error }))
    child.once('exit', (code, signal) => this.#ended(code, signal))
  }

  #ended(code: number | null, signal: NodeJS.Signals | null): void {
    this.#child = undefined
    // Whoever pressed Ctrl-C has ended the worker too: it went in order and is not wanted back.
    if (this.#state === 'stopped' || code === 0) {
      this.#state = 'stopped'
      return
    }
    if (performance.now() - this.#startedAt > restartMs.forgetAfter) this.#wait = restartMs.first
    this.#state = 'restarting'
    this.#parts.logger.warn('The worker process has ended and is started again', { code, signal, afterMs: this.#wait })
    this.#timer = setTimeout(() => {
      this.#restarts++
      this.start()
    }, this.#wait)
    this.#wait = Math.min(this.#wait * 2, restartMs.longest)
  }

  /** SIGKILL: it gets no chance to hand anything back. @returns whether there was one */
  kill(): boolean {
    return this.#child?.kill('SIGKILL') ?? false
  }

  /** Asks it to end and, after `timeoutMs`, makes it. */
  async stop(timeoutMs: number): Promise<void> {
    const child = this.#child
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    await ended
    clearTimeout(timer)
  }
}
