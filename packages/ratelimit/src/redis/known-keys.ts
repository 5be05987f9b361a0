import type { RedisKeyspace } from '@hardening/core'

/** Keys of one generation; there are two. */
const mostYoung = 8192

/** The Redis keys of clients that were seen lately, so that one that comes back is not hashed again. */
export class KnownKeys {
  readonly #names: readonly string[]
  readonly #keyspace: RedisKeyspace
  #young: Map<string, string>[]
  #old: Map<string, string>[]
  #count = 0

  constructor(names: readonly string[], keyspace: RedisKeyspace) {
    this.#names = names
    this.#keyspace = keyspace
    this.#young = names.map(() => new Map())
    this.#old = this.#young
  }

  /** The Redis key of an identity of this kind. */
  of(group: number, identity: string): string {
    return this.#young[group]?.get(identity) ?? this.#remember(group, identity)
  }

  #remember(group: number, identity: string): string {
    const key = this.#old[group]?.get(identity) ?? this.#keyspace.key(`${this.#names[group]}\n${identity}`)
    if (this.#count >= mostYoung) {
      this.#old = this.#young
      this.#young = this.#names.map(() => new Map())
      this.#count = 0
    }
    this.#young[group]?.set(identity, key)
    this.#count++
    return key
  }
}
