import { createHash } from 'node:crypto'
import { ConfigError } from '../errors.js'
import { integerOption, rejectUnknownOptions, stringOption } from '../option.js'

/** A Lua script that a guard can run. */
export interface RedisScript {
  /** For messages and metrics. */
  readonly name: string
  readonly lua: string
  /** How many keys it takes; on a cluster all of them must be in one slot. */
  readonly keys: number
  /** SHA-1 of the source, by which EVALSHA names it. */
  readonly sha1: string
}

/** What {@link defineScript} takes. */
export interface RedisScriptDefinition {
  name: string
  lua: string
  keys: number
}

/**
 * Defines a Lua script. Its digest is computed here, once: nothing is loaded beforehand, so a server that is down at
 * the start, restarted, flushed or failed over needs no second look. `guard.script()` sends EVALSHA, and EVAL only
 * when the server answers NOSCRIPT.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const take = defineScript({ name: 'take', keys: 1, lua: `return redis.call('INCR', KEYS[1])` })
 * const count = await guard.script<number>(take, [key], [])
 */
export function defineScript(definition: RedisScriptDefinition): RedisScript {
  rejectUnknownOptions('defineScript', definition, ['name', 'lua', 'keys'])
  const name = stringOption('defineScript', 'name', definition.name)
  const lua = stringOption('defineScript', 'lua', definition.lua)
  const keys = integerOption('defineScript', 'keys', definition.keys)
  // A mistake in the table of keys would show on a cluster only, where the first key chooses the node.
  const used = [...lua.matchAll(/\bKEYS\[(\d{1,4})\]/g)].map((match) => Number(match[1]))
  if (used.some((index) => index > keys)) {
    throw new ConfigError('defineScript', 'keys', `at least ${Math.max(...used)}, as ${name} uses that many`, keys)
  }
  return { name, lua, keys, sha1: createHash('sha1').update(lua).digest('hex') }
}
