import type { RedisCommands, RedisGuard, RedisLike } from '@hardening/core'
import { readEnvelope, writeTombstone, type Envelope } from './envelope.js'
import type { Invalidations } from './invalidations.js'
import type { Journal } from './journal.js'
import type { CacheKeys } from './keys.js'
import { matchesGlob } from './glob.js'
import { putScript, releaseScript, renewScript, tagsScript } from './scripts.js'
import { sweep } from './sweep.js'
import { wrongType } from './wrong-type.js'

/** A tombstone outlives every loader whose result may be written. */
export const tombstoneMs = 300_000

/** What was found in Redis, and the count of invalidations before it was asked for. */
export interface Found {
  readonly envelope: Envelope
  readonly generation: number
}

/** The values in Redis. Every method rejects where Redis cannot be asked. */
export class Remote {
  readonly #guard: RedisGuard
  readonly #client: RedisLike | undefined
  readonly #keys: CacheKeys
  readonly #journal: Journal
  readonly #invalidations: Invalidations

  /** @param client - the guard's, where it is known: a cluster is swept by way of it */
  constructor(
    guard: RedisGuard,
    client: RedisLike | undefined,
    keys: CacheKeys,
    journal: Journal,
    invalidations: Invalidations,
  ) {
    this.#guard = guard
    this.#client = client
    this.#keys = keys
    this.#journal = journal
    this.#invalidations = invalidations
  }

  /** The value of a key, unless it has been invalidated: one command, and one more for tags from before our time. */
  async read(key: string): Promise<Found | undefined> {
    const { generation } = this.#invalidations
    return this.#check(await this.#get(key), key, generation)
  }

  /**
   * Asks for the right to load a value, then for the value: in this order, so that whoever gets the right sees what its
   * last owner wrote.
   */
  async leaseThenRead(
    key: string,
    token: string,
    leaseMs: number,
  ): Promise<{ taken: boolean; found: Found | undefined }> {
    const { generation } = this.#invalidations
    const [taken, text] = await this.#guard.run((redis: RedisCommands) =>
      Promise.all([
        redis.call('set', this.#keys.lease(key), token, 'NX', 'PX', leaseMs),
        redis.call('get', this.#keys.entry(key)).catch(wrongType),
      ]),
    )
    return { taken: taken === 'OK', found: await this.#check(text, key, generation) }
  }

  async renew(key: string, token: string, leaseMs: number): Promise<void> {
    await this.#guard.script(renewScript, [this.#keys.lease(key)], [token, leaseMs])
  }

  async release(key: string, token: string): Promise<void> {
    await this.#guard.script(releaseScript, [this.#keys.lease(key)], [token])
  }

  /** Writes a text, unless there is something newer: then false. */
  async put(key: string, text: string, ttlMs: number, order: PutOrder): Promise<boolean> {
    const { epoch, seq, at, by, token = '' } = order
    const px = Math.max(1, Math.ceil(ttlMs))
    const keys = [this.#keys.entry(key), this.#keys.lease(key)]
    const args = [text, px, epoch, seq, Math.round(at), by, token]
    return (await this.#guard.script<number>(putScript, keys, args)) === 1
  }

  /** Whether Redis has something of that key that was written after `at`. */
  async hasNewer(key: string, at: number): Promise<boolean> {
    const head = await this.#guard.command('getrange', this.#keys.entry(key), 0, 200).catch(wrongType)
    const match = /^[ht]1 (\S+) \d+ (\d+)/.exec(String(head))
    return match !== null && match[1] === this.#journal.epoch && Number(match[2]) > at
  }

  async bury(key: string, order: PutOrder): Promise<void> {
    await this.put(key, writeTombstone(order.epoch, order.seq, order.at), tombstoneMs, order)
  }

  /** Removes every value whose key matches a pattern; on a cluster from every master. Returns how many. */
  sweep(pattern: string): Promise<number> {
    return sweep(this.#guard, this.#client, this.#keys, (key) => matchesGlob(pattern, key))
  }

  async #get(key: string): Promise<unknown> {
    try {
      return await this.#guard.command('get', this.#keys.entry(key))
    } catch (error) {
      return wrongType(error)
    }
  }

  async #check(text: unknown, key: string, generation: number): Promise<Found | undefined> {
    const envelope = readEnvelope(text, key)
    if (envelope === undefined || envelope.epoch !== this.#journal.epoch) return undefined
    const { tags, seq } = envelope
    if (this.#invalidations.isOutdatedAt(key, tags, seq, envelope.at)) return undefined
    if (tags.length > 0 && seq < this.#journal.joinSeq) {
      const places = await this.#guard.script<number[]>(tagsScript, [this.#keys.journal[2]], tags)
      if (places.some((place) => place > seq)) return undefined
    }
    return { envelope, generation }
  }
}

/** Where something is to stand in the order of writes. */
export interface PutOrder {
  readonly epoch: string
  readonly seq: number
  readonly at: number
  readonly by: 'seq' | 'time'
  readonly token?: string
}
