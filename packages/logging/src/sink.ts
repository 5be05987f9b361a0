import { closeSync, fstatSync, openSync, write, writeSync } from 'node:fs'

/** Where lines go. Taking one never waits and never throws. */
export interface LogSink {
  /** Takes one line, without its end. */
  write(line: string): void
  flush(): Promise<void>
  close(): Promise<void>
}

/** How a {@link FileSink} gathers lines. */
export interface FileSinkOptions {
  /** Characters after which a batch is written at once. @defaultValue 65,536 */
  batchSize?: number
  /** Milliseconds after which a batch is written though it is small. @defaultValue 50 */
  batchMs?: number
  /** Characters that may wait for a destination that does not take them; what comes then is counted and dropped. @defaultValue 16 Mi */
  maxWaiting?: number
}

/**
 * Writes lines to a file descriptor in batches, beside the event loop. What waits when the process exits or crashes is
 * written then, at once.
 */
export class FileSink implements LogSink {
  readonly #descriptor: number
  readonly #owned: boolean
  readonly #batchSize: number
  readonly #batchMs: number
  readonly #maxWaiting: number
  #waiting = ''
  #flying: Buffer | undefined
  #flyingFrom = 0
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []
  #closed = false

  /** @param target - path of a file, appended to, or a descriptor such as 1 for standard output */
  constructor(
    target: string | number,
    { batchSize = 65_536, batchMs = 50, maxWaiting = 16_777_216 }: FileSinkOptions = {},
  ) {
    this.#owned = typeof target === 'string'
    this.#descriptor = typeof target === 'string' ? openSync(target, 'a') : target
    this.#batchSize = batchSize
    this.#batchMs = batchMs
    this.#maxWaiting = maxWaiting
    process.on('exit', this.#onExit)
  }

  /** Lines that were dropped because the destination did not take them. */
  get dropped(): number {
    return this.#dropped
  }

  write(line: string): void {
    if (this.#closed) return
    if (this.#waiting.length > this.#maxWaiting) {
      this.#dropped += 1
      return
    }
    this.#waiting += `${line}\n`
    if (this.#waiting.length >= this.#batchSize) this.#send()
    else this.#timer ??= setTimeout(this.#onTimer, this.#batchMs).unref()
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    this.#send()
  }

  #send(): void {
    if (this.#flying !== undefined || this.#waiting === '') return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flying = Buffer.from(this.#waiting)
    this.#waiting = ''
    this.#flyingFrom = this.#owned ? sizeOf(this.#descriptor) : 0
    this.#writeFlying(0)
  }

  #writeFlying(at: number): void {
    const batch = this.#flying as Buffer
    write(this.#descriptor, batch, at, batch.length - at, null, (error, written) => {
      if (this.#flying !== batch) return
      if (error === null && at + written < batch.length) return this.#writeFlying(at + written)
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#flying === batch && this.#writeFlying(at), 10)
        return
      }
      // A destination that is full or gone costs the batch, never the process.
      if (error !== null) this.#dropped += 1
      this.#flying = undefined
      if (this.#waiting !== '') this.#send()
      else for (const resolve of this.#idle.splice(0)) resolve()
    })
  }

  flush(): Promise<void> {
    if (this.#flying === undefined && this.#waiting === '') return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle.push(resolve)
      this.#send()
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    process.off('exit', this.#onExit)
    clearTimeout(this.#timer)
    if (this.#owned) closeSync(this.#descriptor)
  }

  readonly #onExit = (): void => {
    let rest = this.#waiting
    if (this.#flying !== undefined) rest = this.#unwritten(this.#flying) + rest
    this.#flying = undefined
    this.#waiting = ''
    writeAll(this.#descriptor, Buffer.from(rest))
  }

  /** What of the batch under way has not reached the file: its write goes on beside us for a moment. */
  #unwritten(batch: Buffer): string {
    if (!this.#owned) return ''
    const cell = new Int32Array(new SharedArrayBuffer(4))
    for (let tries = 0; tries < 20; tries++) {
      if (sizeOf(this.#descriptor) - this.#flyingFrom >= batch.length) return ''
      Atomics.wait(cell, 0, 0, 5)
    }
    return batch.subarray(Math.max(0, sizeOf(this.#descriptor) - this.#flyingFrom)).toString()
  }
}

function sizeOf(descriptor: number): number {
  try {
    return fstatSync(descriptor).size
  } catch {
    return 0
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0, tries = 0; at < bytes.length && tries < 1000; tries++) {
    try {
      at += writeSync(descriptor, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}
