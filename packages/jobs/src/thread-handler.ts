import { availableParallelism } from 'node:os'
import { ConfigError, integerOption, rejectUnknownOptions, sizeOption, type Size } from '@hardening/core'
import { JobAbortedError, JobsPeerMissingError } from './errors.js'
import type { JobHandler, RunningJob } from './job.js'
import { resultOf } from './thread-job.js'

/** Options of {@link threadHandler}. */
export interface ThreadHandlerOptions {
  /** Threads at most; they are made when there is work. @defaultValue one less than the processors, at least 1 */
  threads?: number
  /** Heap of one thread: a job that needs more fails, the process goes on. @defaultValue V8's own */
  memoryLimit?: Size
}

/** What the function in the thread is given. */
export interface ThreadJob<Data> {
  readonly data: Data
  readonly id: string
  readonly queue: string
  readonly attempt: number
  readonly maxAttempts: number
}

/** A handler whose work is done in threads. `jobs.close` ends them. */
export interface ThreadHandler<Data, Result> extends JobHandler<Data, Result> {
  /** Ends the threads. */
  close(): Promise<void>
}

type Pool = import('piscina').Piscina
type PiscinaClass = typeof import('piscina').Piscina

interface PiscinaModule {
  readonly Piscina?: PiscinaClass
  readonly default: unknown
}

/**
 * Does a queue's work on worker threads by piscina, so that work for the processor does not hold up the event loop.
 * The file exports by default a function of a {@link ThreadJob}, best wrapped in {@link threadJob}. At the time-out and at the end of the process its
 * thread is ended, whatever it is doing.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`. A job rejects with JobsPeerMissingError `ERR_JOBS_PEER_MISSING` where
 * piscina is not installed.
 *
 * @example
 * const thumbnails = jobs.define('thumbnails', threadHandler(new URL('./thumbnail.mjs', import.meta.url)))
 */
export function threadHandler<Data, Result = unknown>(
  file: string | URL,
  options: ThreadHandlerOptions = {},
): ThreadHandler<Data, Result> {
  const factory = 'threadHandler'
  rejectUnknownOptions(factory, options, ['threads', 'memoryLimit'])
  const { threads = Math.max(1, availableParallelism() - 1), memoryLimit } = options
  const filename = String(file)
  if (!/^(?:file:|\/|[A-Za-z]:\\)/.test(filename))
    throw new ConfigError(factory, 'file', 'a file URL or a full path', file)
  const maxThreads = integerOption(factory, 'threads', threads, { min: 1, max: 1024 })
  const memory = memoryLimit === undefined ? undefined : sizeOption(factory, 'memoryLimit', memoryLimit, 16 * 2 ** 20)
  let pool: Promise<Pool> | undefined
  let isClosed = false

  const open = async (): Promise<Pool> => {
    const loaded: PiscinaModule = await import('piscina').catch((cause: unknown) => {
      throw new JobsPeerMissingError('Jobs on worker threads need piscina', ['piscina'], cause)
    })
    // From CommonJS the class may be all that there is.
    const Piscina = loaded.Piscina ?? (loaded.default as PiscinaClass)
    return new Piscina({
      filename,
      minThreads: 0,
      maxThreads,
      idleTimeout: 10_000,
      ...(memory === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memory / 2 ** 20) } }),
    })
  }
  async function handler(data: Data, { id, queue, attempt, maxAttempts, signal }: RunningJob): Promise<Result> {
    if (isClosed) throw new JobAbortedError(queue)
    pool ??= open()
    const opened = await pool.catch((error: unknown) => {
      pool = undefined
      throw error
    })
    const job: ThreadJob<Data> = { data, id, queue, attempt, maxAttempts }
    return resultOf(await opened.run(job, { signal })) as Result
  }
  handler.close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    await (await pool?.catch(() => undefined))?.destroy()
  }
  return handler
}
