import { redisKeyspace } from '@hardening/core'

/** Names of everything that a cache has in Redis. */
export interface CacheKeys {
  readonly channel: string
  /** State, journal and tags: in one slot of a cluster. */
  readonly journal: readonly [state: string, journal: string, tags: string]
  readonly entryPattern: string
  entry(key: string): string
  lease(key: string): string
  /** The entry's key in what SCAN gives, without a prefix that the client adds by itself. */
  withoutPrefix(found: string): string
}

/** @throws ConfigError for a name or prefix that cannot stand in a key */
export function cacheKeys(prefix: string, name: string): CacheKeys {
  const space = redisKeyspace({ prefix, area: 'cache', version: 1, name })
  const shared = space.key('journal')
  return {
    channel: `${space.base}bus`,
    journal: [`${shared}:state`, `${shared}:journal`, `${shared}:tags`],
    entryPattern: `*${space.base}{*}`,
    entry: (key) => space.key(key),
    lease: (key) => `${space.key(key)}:lease`,
    withoutPrefix: (found) => found.slice(Math.max(0, found.lastIndexOf(space.base))),
  }
}
