import { createLogger, type Logger as WinstonLogger } from 'winston'
import type TransportStream from 'winston-transport'
import type { LogRecord } from './line.js'
import { logLevels } from './logger.js'

const messageSlot = Symbol.for('message')
const levelSlot = Symbol.for('level')

// Lines that may wait for a slow transport; winston itself would keep them all.
const MAX_WAITING = 10_000
const CLOSE_MS = 2_000

/**
 * Transports of winston's beside the destination. Each is written to for itself: behind a logger of winston's the slowest
 * would hold up the others, and what waits at the end would be lost.
 */
export class Transports {
  readonly #winston: WinstonLogger
  readonly #transports: readonly TransportStream[]
  /** Lines that were dropped because a transport did not take them. */
  dropped = 0

  constructor(transports: readonly TransportStream[]) {
    this.#transports = transports
    // Gives the transports the levels, which they take from the logger that they are added to.
    this.#winston = createLogger({
      levels: Object.fromEntries(logLevels.map((name, at) => [name, at])),
      level: 'silly',
      transports: [...transports],
    })
    // A transport that fails must not end the process.
    this.#winston.on('error', ignore)
    for (const transport of transports) transport.on('error', ignore)
  }

  write(record: LogRecord, line: string): void {
    const { level, message, details, requestId, traceId, user } = record
    for (const transport of this.#transports) {
      if (transport.writableLength >= MAX_WAITING || !transport.writable) {
        this.dropped += 1
        continue
      }
      // Each gets its own: formats of transports change what they are given.
      const info = { ...details, level, message, requestId, traceId, user }
      transport.write({ ...info, [levelSlot]: level, [messageSlot]: line })
    }
  }

  /** Ends the transports; resolves when they have written what they were given, or after two seconds. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS)
    })
    const ended = this.#transports.map((transport) => new Promise<void>((resolve) => transport.end(() => resolve())))
    await Promise.race([Promise.all(ended), late])
    clearTimeout(timer)
    this.#winston.close()
  }
}

function ignore(): void {}
