import type { RedisCommands, RedisGuard, RedisLike } from '@hardening/core'
import { headBytes, keyOfHead } from './envelope.js'
import type { CacheKeys } from './keys.js'
import { wrongType } from './wrong-type.js'

/** What can be asked for its share of the keys: a server, or each master of a cluster. */
type Scanner = Pick<RedisLike, 'call'> | undefined

/**
 * Removes every value whose key matches, some hundred at a time. Returns how many.
 *
 * @param client - asked for the masters of a cluster, of which `SCAN` sees but one; where it is none, the guard's server
 * @throws RedisUnavailableError
 */
export async function sweep(
  guard: RedisGuard,
  client: RedisLike | undefined,
  keys: CacheKeys,
  matches: (key: string) => boolean,
): Promise<number> {
  const removed = await Promise.all(mastersOf(client).map((master) => sweepOne(guard, master, keys, matches)))
  return removed.reduce((sum, count) => sum + count, 0)
}

function mastersOf(client: RedisLike | undefined): readonly Scanner[] {
  const { nodes } = (client ?? {}) as { nodes?: (role: 'master') => RedisLike[] }
  return typeof nodes === 'function' ? nodes.call(client, 'master') : [undefined]
}

async function sweepOne(
  guard: RedisGuard,
  master: Scanner,
  keys: CacheKeys,
  matches: (key: string) => boolean,
): Promise<number> {
  let cursor = '0'
  let removed = 0
  do {
    const [next, found] = (await guard.run((redis) =>
      (master ?? redis).call('scan', cursor, 'MATCH', keys.entryPattern, 'COUNT', 500),
    )) as [string, string[]]
    cursor = String(next)
    if (found.length > 0) removed += await removeMatching(guard, keys, found, matches)
  } while (cursor !== '0')
  return removed
}

async function removeMatching(
  guard: RedisGuard,
  keys: CacheKeys,
  found: string[],
  matches: (key: string) => boolean,
): Promise<number> {
  const names = found.map((name) => keys.withoutPrefix(name))
  const heads = await guard.run((redis: RedisCommands) =>
    Promise.all(names.map((name) => redis.call('getrange', name, 0, headBytes).catch(wrongType))),
  )
  const doomed = names.filter((_, at) => {
    const key = keyOfHead(heads[at])
    return key !== undefined && matches(key)
  })
  // One by one: on a cluster they are in different slots.
  await guard.run((redis) => Promise.all(doomed.map((name) => redis.call('unlink', name))))
  return doomed.length
}
