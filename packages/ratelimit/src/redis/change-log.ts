import { defineScript, type RedisGuard, type RedisScript } from '@hardening/core'

/** Milliseconds for which a change can be read; instances ask twice a second while they refuse anybody. */
const keptMs = 60_000

const announce: RedisScript = defineScript({
  name: 'rate-limit-announce',
  keys: 1,
  lua: `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${keptMs})
redis.call('PEXPIRE', KEYS[1], ${keptMs})
return now
`,
})

const read: RedisScript = defineScript({
  name: 'rate-limit-changes',
  keys: 1,
  lua: `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local since = tonumber(ARGV[1])
-- A clock that has gone back: everything that is there may be new.
if since > now then since = 0 end
local list = redis.call('ZRANGEBYSCORE', KEYS[1], since, '+inf')
table.insert(list, 1, now)
return list
`,
})

/** Which keys were freed lately, so that other instances forget what they know of them. */
export class ChangeLog {
  readonly #guard: RedisGuard
  readonly #key: string
  #since = 0

  constructor(guard: RedisGuard, key: string) {
    this.#guard = guard
    this.#key = key
  }

  async announce(id: string): Promise<void> {
    await this.#guard.script(announce, [this.#key], [id])
  }

  /** The ids announced since the last call. */
  async read(): Promise<ReadonlySet<string>> {
    const [now, ...ids] = await this.#guard.script<[number, ...string[]]>(read, [this.#key], [this.#since])
    this.#since = now
    return new Set(ids)
  }
}
