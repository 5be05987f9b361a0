export interface UntilOptions {
  /** How long to try, in milliseconds. @defaultValue 5000 */
  within?: number
  /** Pause between two tries, in milliseconds. @defaultValue 5 */
  every?: number
  /** What is waited for, in the message of the error. @defaultValue 'the condition' */
  what?: string
}

/**
 * Polls a condition on real time until it gives a truthy value, and returns that value. For waiting on real
 * processes and sockets only; whatever takes a clock is tested with `FakeClock`.
 *
 * A condition that throws counts as not fulfilled; its last error becomes the cause of the time-out.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions = {}): Promise<NonNullable<T>> {
  const { within = 5000, every = 5, what = 'the condition' } = options
  const deadline = performance.now() + within
  let cause: unknown
  for (;;) {
    try {
      const value = await condition()
      if (value) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) throw new Error(`${what} did not come true within ${within} ms`, { cause })
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}
