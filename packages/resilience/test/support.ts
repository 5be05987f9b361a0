import { FakeClock, flush } from '@hardening/test-utils'

/** A promise that the test settles. */
export function deferred<Value = string>(): {
  promise: Promise<Value>
  resolve(value: Value): void
  reject(error: unknown): void
} {
  let resolve!: (value: Value) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** What a promise has come to, without waiting for it. */
export function watch<Value>(promise: Promise<Value>): { value?: Value; error?: unknown; state: string } {
  const seen: { value?: Value; error?: unknown; state: string } = { state: 'pending' }
  promise.then(
    (value) => Object.assign(seen, { value, state: 'fulfilled' }),
    (error: unknown) => Object.assign(seen, { error, state: 'rejected' }),
  )
  return seen
}

/** Chance that can be foretold: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** An error with properties, as libraries throw them. */
export function failure(properties: object = {}, message = 'failed'): Error {
  return Object.assign(new Error(message), properties)
}

export { FakeClock, flush }
