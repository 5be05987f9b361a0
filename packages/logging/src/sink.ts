import { closeSync, constants, fstatSync, openSync, write, writeSync } from 'node:fs'
import { Batches } from './batches.js'
import { atProcessEnd } from './process-end.js'
import { resolveRotation, rotate, type Rotation, type RotationOptions } from './rotation.js'

/** Where lines go. Taking one never waits and never throws. */
export interface LogSink {
  /** Takes one line, without its end. */
  write(line: string): void
  /** Resolves when what was taken has been written, or could not be. */
  flush(): Promise<void>
  /** Flushes and lets go. */
  close(): Promise<void>
}

/** How a {@link FileSink} gathers lines. */
export interface FileSinkOptions {
  /** Bytes after which a batch is written at once. @defaultValue 65,536 */
  batchSize?: number
  /** Milliseconds after which a batch is written though it is small. @defaultValue 50 */
  batchMs?: number
  /** Bytes that may wait for a destination that does not take them; what comes then is counted and dropped. @defaultValue 16 Mi */
  maxWaiting?: number
  /** When a file (not a descriptor) is put aside. @defaultValue at 10 MB, and 10 are kept */
  rotation?: RotationOptions | undefined
}

const RETRY_MS = 20
const LINE_END: Buffer = Buffer.from('\n')

/**
 * Writes lines to a file or descriptor in batches. Files are written beside the event loop; pipes, sockets and terminals
 * as far as they take it at once. What waits when the process exits, crashes or is ended by a signal is written then.
 */
export class FileSink implements LogSink {
  readonly #file: string | undefined
  readonly #rotation: Rotation
  readonly #batchSize: number
  readonly #batchMs: number
  readonly #maxWaiting: number
  #descriptor: number
  #owned: boolean
  #regular: boolean
  #size = 0
  readonly #batches: Batches
  #done = 0
  #flying: Buffer | undefined
  #flyingFrom = 0
  #flyingAt = 0
  #dropped = 0
  /** Whether the destination ends in half a line, which the next must not be glued to. */
  #isTorn = false
  #timer: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined
  /** Who waits for how many batches to be done. */
  #flushes: { readonly upTo: number; readonly resolve: () => void }[] = []
  #closed = false
  readonly #forget: () => void

  /** @param target - path of a file, appended to, or a descriptor such as 1 for standard output */
  constructor(target: string | number, options: FileSinkOptions = {}) {
    const { batchSize = 65_536, batchMs = 50, maxWaiting = 16_777_216 } = options
    this.#rotation = resolveRotation(options.rotation)
    this.#file = typeof target === 'string' ? target : undefined
    this.#owned = typeof target === 'string'
    this.#descriptor = typeof target === 'string' ? openSync(target, 'a') : target
    this.#regular = isRegular(this.#descriptor)
    if (this.#regular) this.#size = sizeOf(this.#descriptor)
    else this.#mustNotBlock()
    this.#batchSize = batchSize
    this.#batchMs = batchMs
    this.#batches = new Batches(batchSize)
    this.#maxWaiting = maxWaiting
    this.#forget = atProcessEnd(this.#onExit)
  }

  /** Lines that were dropped because the destination did not take them. */
  get dropped(): number {
    return this.#dropped
  }

  write(line: string): void {
    this.writeEnded(line + '\n')
  }

  /** {@link FileSink.write} for a line that has its end already: a part less to put together. */
  writeEnded(line: string): void {
    if (this.#closed) return
    const { waiting } = this.#batches
    if (waiting > this.#maxWaiting) {
      this.#dropped += 1
      return
    }
    this.#batches.addEnded(line)
    if (waiting + line.length > this.#batchSize) this.#send()
    else this.#timer ??= setTimeout(this.#onTimer, this.#batchMs).unref()
  }

  flush(): Promise<void> {
    const upTo = this.#batches.close()
    if (this.#done >= upTo) return Promise.resolve()
    return new Promise((resolve) => {
      this.#flushes.push({ upTo, resolve })
      this.#retry?.ref()
      this.#send()
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    // What came meanwhile.
    await this.flush()
    this.#forget()
    clearTimeout(this.#timer)
    clearTimeout(this.#retry)
    if (this.#owned) closeSync(this.#descriptor)
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    this.#send()
  }

  #send(): void {
    if (this.#flying !== undefined) return
    const taken = this.#batches.take()
    if (taken === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#file !== undefined && this.#size > 0 && this.#size + taken.length > this.#rotation.maxBytes)
      this.#rotate()
    const batch = this.#isTorn ? Buffer.concat([LINE_END, taken]) : taken
    this.#flying = batch
    this.#flyingAt = 0
    this.#flyingFrom = this.#regular ? sizeOf(this.#descriptor) : 0
    this.#go()
  }

  #go(): void {
    if (this.#regular) this.#writeBeside()
    else this.#writeNow()
  }

  /** A disk may hang: another thread waits for it. */
  #writeBeside(): void {
    const batch = this.#flying as Buffer
    write(this.#descriptor, batch, this.#flyingAt, batch.length - this.#flyingAt, null, (error, written) => {
      if (this.#flying === batch) this.#onWritten(error, written)
    })
  }

  /** A pipe takes what there is room for and says so. Another thread would wait for room, and keep the process from ending. */
  #writeNow(): void {
    const batch = this.#flying as Buffer
    try {
      const written = writeSync(this.#descriptor, batch, this.#flyingAt)
      this.#onWritten(null, written)
    } catch (error) {
      this.#onWritten(error as NodeJS.ErrnoException, 0)
    }
  }

  #onWritten(error: NodeJS.ErrnoException | null, written: number): void {
    const batch = this.#flying as Buffer
    if (error?.code === 'EAGAIN') {
      this.#retry = setTimeout(() => this.#flying === batch && this.#go(), RETRY_MS)
      if (this.#flushes.length === 0) this.#retry.unref()
      return
    }
    if (error === null) {
      this.#size += written
      this.#flyingAt += written
      if (this.#flyingAt < batch.length) return this.#go()
      this.#isTorn = false
    } else {
      // A destination that is full or gone costs the batch, never the process.
      this.#dropped += countLines(batch, Math.max(this.#flyingAt, this.#isTorn ? 1 : 0))
      if (this.#flyingAt > 0) this.#isTorn = batch[this.#flyingAt - 1] !== LINE_END[0]
    }
    this.#flying = undefined
    this.#done += 1
    this.#batches.giveBack(batch)
    while ((this.#flushes[0]?.upTo ?? Infinity) <= this.#done) this.#flushes.shift()?.resolve()
    const { waiting } = this.#batches
    if (waiting >= this.#batchSize || this.#flushes.length > 0) this.#send()
    else if (waiting > 0) this.#timer ??= setTimeout(this.#onTimer, this.#batchMs).unref()
  }

  #rotate(): void {
    const file = this.#file as string
    try {
      rotate(file, this.#rotation.keep)
      const next = openSync(file, 'a')
      closeSync(this.#descriptor)
      this.#descriptor = next
      this.#size = 0
      this.#isTorn = false
    } catch {
      // The folder cannot be written to: the lines go on where they went, and the next try is a file's size away.
      this.#size = 0
    }
  }

  /** Makes writing to a pipe or socket say that there is no room, where it would wait for some. */
  #mustNotBlock(): void {
    try {
      // Opened anew, so that who else has the pipe (a shell, a parent) keeps it as it was.
      const own = openSync(`/proc/self/fd/${this.#descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK)
      if (this.#owned) closeSync(this.#descriptor)
      this.#descriptor = own
      this.#owned = true
    } catch {
      // A socket cannot be opened anew; Node makes it non-blocking when it makes its own stream of it.
      if (this.#descriptor === 1) void process.stdout
      else if (this.#descriptor === 2) void process.stderr
    }
  }

  readonly #onExit = (): void => {
    const flying = this.#flying
    this.#flying = undefined
    if (flying !== undefined) writeAll(this.#descriptor, this.#unwritten(flying))
    else if (this.#isTorn) writeAll(this.#descriptor, LINE_END)
    writeAll(this.#descriptor, this.#batches.takeAll())
  }

  /** What of the batch under way has not reached the destination: the write goes on beside us for a moment. */
  #unwritten(batch: Buffer): Buffer {
    if (!this.#regular) return batch.subarray(this.#flyingAt)
    for (let tries = 0; tries < 20; tries++) {
      if (sizeOf(this.#descriptor) - this.#flyingFrom >= batch.length) return batch.subarray(batch.length)
      pause(5)
    }
    return batch.subarray(Math.max(0, sizeOf(this.#descriptor) - this.#flyingFrom))
  }
}

function isRegular(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    return false
  }
}

function sizeOf(descriptor: number): number {
  try {
    return fstatSync(descriptor).size
  } catch {
    return 0
  }
}

function countLines(bytes: Buffer, from: number): number {
  let count = 0
  for (let at = bytes.indexOf(10, from); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1
  return count
}

// A reader that has stopped reading holds up the end of the process no longer than this many tries.
const EXIT_TRIES = 500

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let at = 0, tries = 0; at < bytes.length && tries < EXIT_TRIES;) {
    try {
      at += writeSync(descriptor, bytes, at)
      tries = 0
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      tries += 1
      pause(2)
    }
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
