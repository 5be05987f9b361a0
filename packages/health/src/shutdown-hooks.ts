import type { Clock } from '@hardening/core'

/** When a hook runs: phases follow one another, the hooks of one run side by side. */
export type ShutdownPhase = 'before' | 'after' | 'flush'

/** Something to end. The signal fires when its time, or that of the whole stop, is over. */
export type ShutdownHook = (signal: AbortSignal) => unknown

/** What the shutdown says on its way. */
export interface ShutdownLogger {
  info(message: string, details?: Readonly<Record<string, unknown>>): void
  warn(message: string, details?: Readonly<Record<string, unknown>>): void
  error(message: string, details?: Readonly<Record<string, unknown>>): void
}

interface Entry {
  readonly phase: ShutdownPhase
  readonly name: string
  readonly hook: ShutdownHook
  readonly timeoutMs: number
}

/** Hooks by phase. Each phase runs at most once. */
export class ShutdownHooks {
  readonly #entries: Entry[] = []
  readonly #begun = new Set<ShutdownPhase>()
  readonly #clock: Clock
  readonly #logger: ShutdownLogger

  constructor(clock: Clock, logger: ShutdownLogger) {
    this.#clock = clock
    this.#logger = logger
  }

  add(entry: Entry): void {
    this.#entries.push(entry)
  }

  /** Runs the hooks of a phase side by side, each in its time; one that fails or hangs holds up no other. */
  async run(phase: ShutdownPhase, deadline: AbortSignal): Promise<void> {
    if (this.#begun.has(phase)) return
    this.#begun.add(phase)
    await Promise.all(this.#entries.filter((entry) => entry.phase === phase).map((entry) => this.#one(entry, deadline)))
  }

  async #one({ name, hook, timeoutMs }: Entry, deadline: AbortSignal): Promise<void> {
    const controller = new AbortController()
    const giveUp = (): void => controller.abort(deadline.reason)
    deadline.addEventListener('abort', giveUp)
    let timer: unknown
    const late = new Promise<void>((resolve) => {
      timer = this.#clock.setTimeout(() => {
        this.#logger.warn('A shutdown hook took too long and was left', { hook: name, afterMs: timeoutMs })
        controller.abort(new Error(`The shutdown hook ${name} took longer than ${timeoutMs} ms`))
        resolve()
      }, timeoutMs)
    })
    try {
      await Promise.race([(async () => hook(controller.signal))(), late])
    } catch (error) {
      this.#logger.error('A shutdown hook failed', { hook: name, error })
    } finally {
      this.#clock.clearTimeout(timer)
      deadline.removeEventListener('abort', giveUp)
    }
  }
}
