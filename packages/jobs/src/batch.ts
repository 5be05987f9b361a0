import {
  durationOption,
  functionOption,
  integerOption,
  rejectUnknownOptions,
  systemClock,
  type Clock,
  type Duration,
} from '@hardening/core'
import { BatchError } from './errors.js'

/** Options of {@link batch}. */
export interface BatchOptions {
  /** Items of one batch at most. @defaultValue 100 */
  size?: number
  /** How long the first item of a batch waits for others. @defaultValue 50 ms */
  interval?: Duration
  /** Items that wait or run; more are refused. @defaultValue 10,000 */
  maxItems?: number
  /** @defaultValue the system's clock */
  clock?: Clock
}

/** Takes items one by one and hands them on together. */
export interface Batch<Item, Result> {
  /** Resolves with the item's own result, rejects with its own error. @throws BatchError `ERR_JOBS_BATCH` */
  add(item: Item): Promise<Result>
  /** Hands on what waits, and resolves when nothing is left. Never rejects. */
  flush(): Promise<void>
  /** Takes no more items and flushes; after `timeout` (`'10s'`) what is left is rejected. */
  close(timeout?: Duration): Promise<void>
}

interface Entry<Item, Result> {
  readonly item: Item
  resolve(result: Result): void
  reject(error: unknown): void
}

/**
 * Gathers items by number and time. `run` gives one result an item, in their order; an `Error` in a place fails that
 * item alone. Where `run` throws, the batch is halved and run again until the item at fault stands alone: a `run` that
 * has done part of its work when it throws must undo it, or be one that may be repeated.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function batch<Item, Result = void>(
  run: (items: Item[]) => Promise<readonly (Result | Error)[]>,
  options: BatchOptions = {},
): Batch<Item, Result> {
  functionOption('batch', 'run', run)
  rejectUnknownOptions('batch', options, ['size', 'interval', 'maxItems', 'clock'])
  const size = integerOption('batch', 'size', options.size ?? 100, { min: 1, max: 100_000 })
  const intervalMs = durationOption('batch', 'interval', options.interval ?? 50, { min: 1 })
  const maxItems = integerOption('batch', 'maxItems', options.maxItems ?? 10_000, { min: size })
  const { clock = systemClock } = options
  const open = new Set<Entry<Item, Result>>()
  const running = new Set<Promise<void>>()
  let waiting: Entry<Item, Result>[] = []
  let timer: unknown
  let isClosed = false

  async function work(entries: readonly Entry<Item, Result>[]): Promise<void> {
    try {
      const results = await run(entries.map(({ item }) => item))
      entries.forEach((entry, at) => {
        const result = results[at] as Result | Error
        if (result instanceof Error) entry.reject(result)
        else entry.resolve(result)
      })
    } catch (error) {
      if (entries.length <= 1) {
        for (const entry of entries) entry.reject(error)
        return
      }
      const half = entries.length >> 1
      await work(entries.slice(0, half))
      await work(entries.slice(half))
    }
  }

  function send(): void {
    clock.clearTimeout(timer)
    timer = undefined
    if (waiting.length === 0) return
    const entries = waiting
    waiting = []
    const done = work(entries).finally(() => running.delete(done))
    running.add(done)
  }

  async function flush(): Promise<void> {
    send()
    await Promise.all(running)
  }

  return {
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        if (isClosed) return reject(new BatchError('The batch is closed'))
        if (open.size >= maxItems) return reject(new BatchError(`The batch holds ${maxItems} items and takes no more`))
        const entry: Entry<Item, Result> = {
          item,
          resolve: (result) => (open.delete(entry), resolve(result)),
          reject: (error) => (open.delete(entry), reject(error)),
        }
        open.add(entry)
        if (waiting.push(entry) >= size) send()
        else timer ??= clock.setTimeout(send, intervalMs)
      }),
    flush,
    async close(timeout = '10s') {
      isClosed = true
      let late: unknown
      const end = new Promise<void>((resolve) => {
        late = clock.setTimeout(resolve, durationOption('batch', 'timeout', timeout))
      })
      await Promise.race([flush(), end])
      clock.clearTimeout(late)
      for (const entry of open) entry.reject(new BatchError('The batch ended before the item did'))
    },
  }
}
