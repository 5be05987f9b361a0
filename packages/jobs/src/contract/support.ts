import type { Jobs } from '../create-jobs.js'

/** Declares a case: it gets jobs without any in them, which are closed after it. */
export type Case = (title: string, run: (jobs: Jobs) => Promise<void>) => void

export const fast = { type: 'fixed', delay: 10 } as const

export function equal(found: unknown, expected: unknown, what: string): void {
  if (found !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(found)}`)
}

/** The code of what a promise rejects with, or of what a function throws. */
export async function codeOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    return (error as { code?: string }).code
  }
}

export async function until<T>(condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + 25_000
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
    } catch (error) {
      cause = error
    }
    if (performance.now() > end) throw new Error('it did not come true within 25 s', { cause })
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
