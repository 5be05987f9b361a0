import { describe, expect, it, jest } from '@jest/globals'
import { Redis } from 'ioredis'
import { rateLimit, type RateLimitOptions } from '../src/index.js'
import { optionNames, policyOptionNames } from '../src/options.js'
import { driveMany } from './drive.js'

const policy = { name: 'p', limit: 1, window: '1m' } as const

const wrong: readonly (readonly [option: string, options: Record<string, unknown>])[] = [
  ['polices', { polices: [] }],
  ['policies', { policies: [] }],
  ['policies', { policies: 'many' }],
  ['policies', { policies: Array.from({ length: 31 }, (_, at) => ({ ...policy, name: `p${at}` })) }],
  ['policies[0]', { policies: [null] }],
  ['policies[0].max', { policies: [{ ...policy, max: 5 }] }],
  ['policies[1].name', { policies: [policy, policy] }],
  ['policies[0].name', { policies: [{ ...policy, name: 'a b' }] }],
  ['policies[0].limit', { policies: [{ ...policy, limit: 0 }] }],
  ['policies[0].limit', { policies: [{ ...policy, limit: 1.5 }] }],
  ['policies[0].limit', { policies: [{ ...policy, limit: '5' }] }],
  ['policies[0].limit', { policies: [{ ...policy, limit: { pro: 5 } }], plan: () => 'pro' }],
  ['policies[0].limit.pro', { policies: [{ ...policy, limit: { default: 1, pro: -5 } }], plan: () => 'pro' }],
  ['plan', { policies: [{ ...policy, limit: { default: 1 } }] }],
  ['policies[0].window', { policies: [{ ...policy, window: '1 minute' }] }],
  ['policies[0].window', { policies: [{ ...policy, window: 0 }] }],
  ['policies[0].algorithm', { policies: [{ ...policy, algorithm: 'leaky' }] }],
  ['policies[0].burst', { policies: [{ ...policy, burst: 5 }] }],
  ['policies[0].burst', { policies: [{ ...policy, algorithm: 'token-bucket', burst: 0 }] }],
  ['policies[0].cost', { policies: [{ ...policy, cost: -1 }] }],
  ['policies[0].count', { policies: [{ ...policy, count: 'some' }] }],
  ['policies[0].dryRun', { policies: [{ ...policy, dryRun: 1 }] }],
  ['policies[0].countRefused', { policies: [{ ...policy, countRefused: 'yes' }] }],
  ['policies[0].paths[0]', { policies: [{ ...policy, paths: ['login'] }] }],
  ['policies[0].paths[0]', { policies: [{ ...policy, paths: ['/a*b*'] }] }],
  ['policies[0].methods', { policies: [{ ...policy, methods: [] }] }],
  ['policies[0].key', { policies: [{ ...policy, key: 'cookie' }] }],
  ['policies[0].onStoreFailure', { policies: [{ ...policy, onStoreFailure: 'panic' }] }],
  ['name', { name: 'a:b' }],
  ['key', { key: 5 }],
  ['ipv6Subnet', { ipv6Subnet: 16 }],
  ['skip', { skip: true }],
  ['skipPaths[0]', { skipPaths: ['health'] }],
  ['allow[0]', { allow: ['10.0.0.0/40'] }],
  ['deny', { deny: '10.0.0.1' }],
  ['block.after', { block: { after: 0 } }],
  ['block.for', { block: { for: [] } }],
  ['block.times', { block: { times: 3 } }],
  ['concurrency.limit', { concurrency: { limit: 0 } }],
  ['headers', { headers: 'draft-5' }],
  ['store', { store: {} }],
  ['store', { store: () => undefined, redis: {} }],
  ['client', { redis: {} }],
  ['timeout', { timeout: 0, redis: new Redis({ lazyConnect: true }) }],
  ['prefix', { prefix: 'a b', redis: new Redis({ lazyConnect: true }) }],
  ['onStoreFailure', { onStoreFailure: 'fail' }],
  ['instances', { instances: 0 }],
  ['memory.max', { memory: { max: 5 } }],
  ['maxKeys', { memory: { maxKeys: 0 } }],
  ['maxDenied', { maxDenied: -1 }],
]

describe('options', () => {
  it.each(wrong)('[RL-1] refuses at creation: %s', (option, options) => {
    let error: unknown
    try {
      rateLimit(options)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', option })
  })

  it('[RL-1] takes undefined for every option as left out', async () => {
    const undefinedOptions = Object.fromEntries(optionNames.map((name) => [name, undefined]))
    const undefinedPolicy = Object.fromEntries(policyOptionNames.map((name) => [name, undefined]))
    expect((await driveMany(rateLimit(undefinedOptions as RateLimitOptions), 61)).at(-1)).toBe(429)
    const policies = [{ ...undefinedPolicy, ...policy }] as never
    expect(await driveMany(rateLimit({ ...undefinedOptions, policies }), 2)).toEqual([200, 429])
  })

  it('[RL-1] names a policy by its limit and window', async () => {
    const limiter = rateLimit({
      policies: [
        { limit: 5, window: '10s' },
        { limit: 9, window: 60_000 },
      ],
    })
    const { windows } = await limiter.inspect('192.0.2.1')
    expect(windows.map(({ name }) => name)).toEqual(['5-in-10s', '9-in-60000ms'])
  })

  it('[RL-3] warns of two limiters of one name on one client, which would count each request twice', () => {
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const redis = new Redis({ lazyConnect: true })
    const one = rateLimit({ redis })
    rateLimit({ redis, name: 'other' })
    expect(spy).not.toHaveBeenCalled()
    rateLimit({ redis })
    expect(spy.mock.calls).toHaveLength(1)
    one.close()
    rateLimit({ redis })
    expect(spy.mock.calls).toHaveLength(1)
    spy.mockRestore()
  })
})
