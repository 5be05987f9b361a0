import { createHash } from 'node:crypto'
import { ConfigError, functionOption, rejectUnknownOptions, stringOption, type Exchange } from '@hardening/core'
import { RateLimitValueError } from '../errors.js'
import { isThenable } from '../thenable.js'
import type { ClientAddress } from './client-address.js'

/**
 * What tells clients apart. `undefined` (or an empty text) falls back to the client's address.
 *
 * @param addressOf - gives the key of the client's address as `'ip'` has it, to be part of a key: IPv6 by subnet, so
 * that a client cannot have a new key for each address of its own
 */
export type RateLimitKeyFunction = (
  exchange: Exchange,
  addressOf: (exchange: Exchange) => string,
) => string | number | undefined

/**
 * By what requests are counted:
 *
 * - `'ip'`: the client's address, IPv6 by subnet
 * - `'user'`: the user of the request's context, where one is known
 * - `'api-key'`: the header `X-API-Key`, else the token of `Authorization: Bearer`. Anybody can make up keys, so let it
 *   stand behind what checks them, or beside a policy by address
 * - a function, or one with a name by which admin functions and metrics know it
 *
 * Where the request has none of it, the client's address counts.
 */
export type RateLimitKey =
  'ip' | 'user' | 'api-key' | RateLimitKeyFunction | { readonly by: string; readonly of: RateLimitKeyFunction }

/** A way to tell clients apart, ready for use. */
export interface KeySource {
  readonly name: string
  /** Whether it is the client's address, which is known before Express is. */
  readonly isAddress: boolean
  of(exchange: Exchange): string
  /** The same key from what an operator types. */
  normalize(text: string): string
}

/** Longer keys are replaced by their digest: a client must not choose how much memory it takes. */
const longest = 256

/** Checks the option and makes it one function. @throws ConfigError */
export function createKeySource(option: string, key: RateLimitKey, address: ClientAddress): KeySource {
  if (key === 'ip') {
    return {
      name: 'ip',
      isAddress: true,
      of: (exchange) => address.of(exchange),
      normalize: (text) => address.keyOf(text) ?? text,
    }
  }
  if (key === 'user') return fromFunction('user', ({ context }) => context.user, address)
  if (key === 'api-key') return fromFunction('api-key', apiKeyOf, address)
  if (typeof key === 'function') return fromFunction(key.name || 'key', key, address)
  if (typeof key !== 'object' || key === null) {
    throw new ConfigError('rateLimit', option, "'ip', 'user', 'api-key', a function, or { by, of }", key)
  }
  rejectUnknownOptions('rateLimit', key, ['by', 'of'], option)
  const by = stringOption('rateLimit', `${option}.by`, key.by)
  return fromFunction(by, functionOption('rateLimit', `${option}.of`, key.of), address)
}

function fromFunction(name: string, find: RateLimitKeyFunction, address: ClientAddress): KeySource {
  const addressOf = (exchange: Exchange): string => address.of(exchange)
  return {
    name,
    isAddress: false,
    of(exchange) {
      const found = find(exchange, addressOf)
      // A prefix each, so that no key can pass for an address and the other way round.
      if (typeof found === 'string' && found !== '') return `=${shortened(found)}`
      if (typeof found === 'number' && Number.isFinite(found)) return `=${found}`
      if (isThenable(found)) throw new RateLimitValueError(name, 'key', 'a text or a number, not a promise', found)
      return `@${address.of(exchange)}`
    },
    normalize: (text) => `=${shortened(text)}`,
  }
}

function shortened(text: string): string {
  return text.length <= longest ? text : `#${createHash('sha256').update(text).digest('base64url')}`
}

function apiKeyOf({ req }: Exchange): string | undefined {
  const key = req.headers['x-api-key']
  if (typeof key === 'string' && key !== '') return key
  const { authorization } = req.headers
  return authorization !== undefined && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined
}
