import { ConfigError, durationOption, type Duration } from '@hardening/core'
import type { ResolvedLimiter } from './limiter.js'
import type { KeyRef, KeyStatus } from './store.js'

/** Which kind of key is meant, where a limiter has several. */
export interface RateLimitKeyKind {
  /** Name of the kind: `'ip'`, `'user'`, `'api-key'`, the name of a function. @defaultValue the only kind there is */
  by?: string
}

/** What is known of a key. */
export interface RateLimitKeyStatus extends KeyStatus {
  /** The kind of key. */
  readonly by: string
}

/** What operators do by hand. Holds in every instance within a second where they share a store. */
export class Administration {
  readonly #parts: ResolvedLimiter

  constructor(parts: ResolvedLimiter) {
    this.#parts = parts
  }

  async block(key: string, duration: Duration, kind?: RateLimitKeyKind): Promise<void> {
    const ref = this.#refOf('block', key, kind)
    const ms = durationOption('block', 'duration', duration, { min: 1, max: 366 * 86_400_000 })
    const { store, ownStore, denials } = this.#parts
    // Here it holds at once, and while the store is out of reach.
    denials.block(ref, ms)
    void ownStore.block(ref, ms)
    await store.block(ref, ms)
  }

  async unblock(key: string, kind?: RateLimitKeyKind): Promise<void> {
    const ref = this.#refOf('unblock', key, kind)
    const { store, ownStore, denials } = this.#parts
    void ownStore.unblock(ref)
    await store.unblock(ref)
    denials.forget(ref)
  }

  async reset(key: string, kind?: RateLimitKeyKind): Promise<void> {
    const ref = this.#refOf('reset', key, kind)
    const { store, ownStore, denials } = this.#parts
    void ownStore.reset(ref)
    await store.reset(ref)
    denials.forget(ref)
  }

  async inspect(key: string, kind?: RateLimitKeyKind): Promise<RateLimitKeyStatus> {
    const ref = this.#refOf('inspect', key, kind)
    const { store, policies, keys } = this.#parts
    const quotas = policies.flatMap(({ group, quota }) => (group === ref.group ? [quota] : []))
    const by = (keys[ref.group] as { name: string }).name
    return { by, ...(await store.inspect(ref, quotas)) }
  }

  #refOf(operation: string, key: string, { by }: RateLimitKeyKind = {}): KeyRef {
    const { keys } = this.#parts
    const names = keys.map(({ name }) => name)
    if (typeof key !== 'string' || key === '')
      throw new ConfigError(operation, 'key', 'a string that is not empty', key)
    const group = by === undefined && keys.length === 1 ? 0 : names.indexOf(by as string)
    const source = keys[group]
    if (source === undefined) throw new ConfigError(operation, 'by', `one of ${names.join(', ')}`, by)
    return { group, key: source.normalize(key) }
  }
}
