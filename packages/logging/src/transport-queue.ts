import type TransportStream from 'winston-transport'
import type { LogRecord } from './line.js'

/** A record with its line. */
export interface WrittenLine {
  readonly record: LogRecord
  readonly line: string
}

const messageSlot = Symbol.for('message')
const levelSlot = Symbol.for('level')

// Lines that may wait for a slow transport; winston itself would keep them all.
const MAX_WAITING = 10_000

/**
 * Hands lines to one transport of winston's, the next when it has taken the last. Given several at once, a File
 * transport says that it has taken all of them while it waits for its file, and loses those when it is ended.
 */
export class TransportQueue {
  readonly #transport: TransportStream
  #waiting: WrittenLine[] = []
  #next = 0
  #isStarted = false
  #isBusy = false
  #whenEmpty: (() => void) | undefined
  /** Lines that were dropped because the transport did not take them. */
  dropped = 0

  constructor(transport: TransportStream) {
    this.#transport = transport
    // A transport that fails must not end the process.
    transport.on('error', ignore)
  }

  add(line: WrittenLine): void {
    if (this.#waiting.length - this.#next >= MAX_WAITING) this.dropped += 1
    else this.#waiting.push(line)
    this.#go()
  }

  /** From now on the transport gets its lines. */
  start(): void {
    this.#isStarted = true
    this.#go()
  }

  /** Drops what waits: nobody takes it any more. */
  #drop(): void {
    this.dropped += this.#waiting.length - this.#next
    this.#waiting = []
    this.#next = 0
  }

  /** Resolves when the transport has taken all lines and has ended. */
  async end(): Promise<void> {
    if (this.#isBusy) await new Promise<void>((resolve) => (this.#whenEmpty = resolve))
    await new Promise<void>((resolve) => this.#transport.end(() => resolve()))
  }

  readonly #go = (): void => {
    if (this.#isBusy || !this.#isStarted) return
    const line = this.#waiting[this.#next]
    if (line === undefined) return
    if (!this.#transport.writable) return this.#drop()
    this.#next += 1
    if (this.#next === this.#waiting.length || this.#next >= MAX_WAITING) {
      this.#waiting = this.#waiting.slice(this.#next)
      this.#next = 0
    }
    this.#isBusy = true
    // Each gets its own: formats of transports change what they are given.
    this.#transport.write(infoOf(line), this.#taken)
  }

  readonly #taken = (): void => {
    this.#isBusy = false
    this.#go()
    if (!this.#isBusy) this.#whenEmpty?.()
  }
}

function infoOf({ record, line }: WrittenLine): object {
  const { level, message, details, requestId, traceId, user } = record
  return { ...details, level, message, requestId, traceId, user, [levelSlot]: level, [messageSlot]: line }
}

function ignore(): void {}
