import * as crypto from 'node:crypto'
import { ConfigError } from '../errors.js'
import { integerOption, rejectUnknownOptions } from '../option.js'

/** What stands before the identity in a Redis key. */
export interface RedisKeyParts {
  /** The application's own prefix; colons at the end are taken off. @defaultValue `'hd'` */
  prefix?: string
  /** What the key is for: `rl`, `cache`, `idem` ... */
  area: string
  /** Raised whenever the value or the script changes, so that two releases never read each other's values. */
  version: number
  /** Tells two instances of the same feature apart: `login`. */
  name: string
}

/** Keys of one instance of one feature. */
export interface RedisKeyspace {
  /** Everything before the identity: `hd:rl:v1:login:`. */
  readonly base: string
  /**
   * The key of an identity: `hd:rl:v1:login:{<22 characters>}`. The whole identity is hashed (SHA-256, 132 bits kept),
   * so that no address, token or text of a user is in a key, and stands in braces, so that all keys of one subject are
   * in one slot of a cluster. Several parts make one identity: `['user', id]` is never equal to `['use', 'r' + id]`.
   */
  key(identity: string | readonly string[]): string
}

/**
 * Checks the parts once and gives the keys of a feature.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for a part that could be mistaken for another, or for a pattern.
 */
export function redisKeyspace(parts: RedisKeyParts): RedisKeyspace {
  rejectUnknownOptions('redisKeyspace', parts, ['prefix', 'area', 'version', 'name'])
  const { prefix = 'hd', area, version, name } = parts
  const prefixPart = part('prefix', prefix, /^[\w.-]+(?::[\w.-]+)*:*$/).replace(/(?<!:):+$/, '')
  const areaPart = part('area', area, /^[a-z][a-z0-9-]*$/)
  const versionPart = integerOption('redisKeyspace', 'version', version, { min: 1 })
  const namePart = part('name', name, /^[\w.-]+$/)
  const base = `${prefixPart}:${areaPart}:v${versionPart}:${namePart}:`
  const open = `${base}{`
  return {
    base,
    key: (identity) =>
      `${open}${fingerprint(typeof identity === 'string' ? identity : JSON.stringify(identity)).slice(0, 22)}}`,
  }
}

/** One key, where there is no hot path: see {@link redisKeyspace}. */
export function redisKey(parts: RedisKeyParts, identity: string | readonly string[]): string {
  return redisKeyspace(parts).key(identity)
}

function part(option: string, value: unknown, pattern: RegExp): string {
  if (typeof value === 'string' && value.length <= 64 && pattern.test(value)) return value
  const expected = option === 'area' ? 'lower-case letters, digits and hyphens' : 'letters, digits, `.`, `_` and `-`'
  throw new ConfigError('redisKeyspace', option, `1 to 64 ${expected}`, value)
}

// `crypto.hash` takes a third of the time of `createHash`; runtimes that imitate Node may lack it.
const fingerprint: (identity: string) => string =
  typeof crypto.hash === 'function'
    ? (identity) => crypto.hash('sha256', identity, 'base64url')
    : (identity) => crypto.createHash('sha256').update(identity).digest('base64url')
