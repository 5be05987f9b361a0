import { functionOption } from '@hardening/core'
import type { ThreadJob } from './thread-handler.js'

/** What comes out of a thread in place of a result where the function there has thrown. */
interface Thrown {
  readonly name: string
  readonly message: string
  readonly code?: string | number
  readonly stack?: string
}

/** Out of a thread come copies: neither a class nor a symbol of ours is among them. */
const mark = 'hardening:jobs:thrown'

/**
 * Wraps the function that a file for `threadHandler` exports, so that its errors come out with their `name` and `code`: of a
 * plain function only the message does, and an `UnrecoverableJobError` is tried again.
 *
 * @example
 * export default threadJob(({ data }) => {
 *   if (data.pixels > 1e8) throw new UnrecoverableJobError('The picture is too large')
 *   return shrink(data)
 * })
 */
export function threadJob<Data, Result>(
  run: (job: ThreadJob<Data>) => Result | Promise<Result>,
): (job: ThreadJob<Data>) => Promise<Result> {
  functionOption('threadJob', 'run', run)
  return async (job) => {
    try {
      return await run(job)
    } catch (error) {
      return { [mark]: copyOf(error) } as never
    }
  }
}

/** The result of a thread; throws what was thrown there. */
export function resultOf(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !Object.hasOwn(answer, mark)) return answer
  const { message, ...rest } = (answer as { [mark]: Thrown })[mark]
  throw Object.assign(new Error(message), rest)
}

function copyOf(error: unknown): Thrown {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const { name, message, stack } = error
  const { code } = error as { code?: unknown }
  return {
    name: String(name),
    message: String(message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : undefined),
    ...(typeof stack === 'string' ? { stack } : undefined),
  }
}
