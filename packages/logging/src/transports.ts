import type { Logger as WinstonLogger } from 'winston'
import type TransportStream from 'winston-transport'
import { inTime } from './in-time.js'
import type { LogRecord } from './line.js'
import { logLevels } from './logger.js'
import { TransportQueue } from './transport-queue.js'

const CLOSE_MS = 2_000

/**
 * Transports of winston's beside the destination. Each is written to for itself: behind a logger of winston's the slowest
 * would hold up the others, and what waits at the end would be lost.
 */
export class Transports {
  readonly #queues: readonly TransportQueue[]
  readonly #ready: Promise<void>
  #winston: WinstonLogger | undefined

  constructor(transports: readonly TransportStream[]) {
    this.#queues = transports.map((transport) => new TransportQueue(transport))
    this.#ready = this.#attach(transports)
  }

  /** Lines that were dropped because a transport did not take them. */
  get dropped(): number {
    return this.#queues.reduce((sum, { dropped }) => sum + dropped, 0)
  }

  write(record: LogRecord, line: string): void {
    const written = { record, line }
    for (const queue of this.#queues) queue.add(written)
  }

  /** Ends the transports; resolves when they have written what they were given, or after two seconds. */
  async close(): Promise<void> {
    await inTime(CLOSE_MS, async () => {
      await this.#ready
      await Promise.all(this.#queues.map((queue) => queue.end()))
    })
    this.#winston?.close()
  }

  /** Gives the transports the levels, which they take from the logger of winston's that they are added to. */
  async #attach(transports: readonly TransportStream[]): Promise<void> {
    try {
      // Whoever has no transports need not load winston, which is larger than all of this package.
      const { createLogger } = await import('winston')
      this.#winston = createLogger({
        levels: Object.fromEntries(logLevels.map((name, at) => [name, at])),
        level: 'silly',
        transports: [...transports],
      })
      this.#winston.on('error', ignore)
      for (const queue of this.#queues) queue.start()
    } catch (error) {
      process.emitWarning(`Transports of winston get no lines: ${String(error)}`, { code: 'HARDENING_LOG_TRANSPORTS' })
    }
  }
}

function ignore(): void {}
