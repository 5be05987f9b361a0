import { afterEach, describe, expect, it } from '@jest/globals'
import { channels, ConfigError, type HealthChangeMessage } from '@hardening/core'
import { FakeClock, flush } from '@hardening/test-utils'
import { createHealthRegistry, type HealthCheck, type HealthRegistryOptions } from '../src/index.js'
import { fakeCheck, never } from './support.js'

const changes: HealthChangeMessage[] = []
const onChange = (message: HealthChangeMessage) => void changes.push(message)
afterEach(() => {
  channels.healthChange.unsubscribe(onChange)
  changes.length = 0
})

function registryOf(checks: readonly HealthCheck[], options: HealthRegistryOptions = {}) {
  const clock = new FakeClock()
  return { clock, registry: createHealthRegistry({ clock, checks, ...options }) }
}

describe('createHealthRegistry', () => {
  it('[HE-2] serves an answer to probes for a second, then asks again', async () => {
    const check = fakeCheck('db')
    const { registry, clock } = registryOf([check])
    await registry.report()
    await clock.advance(999)
    await registry.report()
    expect(check.calls).toBe(1)
    await clock.advance(1)
    await registry.report()
    expect(check.calls).toBe(2)
  })

  it('[HE-2] G2 shares a run among fifty that ask at once, cache or not', async () => {
    const check = fakeCheck('db', { check: () => flush().then(() => undefined) })
    const { registry } = registryOf([check], { cacheFor: 0 })
    await Promise.all(Array.from({ length: 50 }, () => registry.report()))
    expect(check.calls).toBe(1)
    await registry.report()
    expect(check.calls).toBe(2)
  })

  it('[HE-2] G1 a hung check is fail at its time-out, the signal fires, the others answer', async () => {
    let signal: AbortSignal | undefined
    const hung: HealthCheck = {
      name: 'hung',
      check: (given) => {
        signal = given
        return never()
      },
    }
    const { registry, clock } = registryOf([hung, fakeCheck('well')])
    const report = registry.report()
    await clock.advance(1999)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect((await report).checks).toMatchObject([
      { name: 'hung', status: 'fail', output: 'timeout after 2000 ms', durationMs: 2000 },
      { name: 'well', status: 'pass', durationMs: 0 },
    ])
    expect(signal?.aborted).toBe(true)
  })

  it('[HE-2] calls a hung check no second time beside itself, but does not wait for it for ever', async () => {
    const hung = fakeCheck('hung', { check: never, timeoutMs: 100 })
    const { registry, clock } = registryOf([hung], { cacheFor: 0 })
    const ask = async () => {
      const report = registry.report()
      await clock.advance(100)
      return (await report).status
    }
    for (let probe = 0; probe < 10; probe++) expect(await ask()).toBe('fail')
    expect(hung.calls).toBe(1)
    await ask()
    expect(hung.calls).toBe(2)
  })

  it('[HE-2] hears of a hung check that comes back', async () => {
    let answer = (_result: undefined): void => undefined
    const slow: HealthCheck = { name: 'slow', check: () => new Promise<undefined>((resolve) => (answer = resolve)) }
    const { registry, clock } = registryOf([slow], { cacheFor: 0, timeout: 100 })
    const first = registry.report()
    await clock.advance(100)
    expect((await first).status).toBe('fail')
    const second = registry.report()
    answer(undefined)
    expect((await second).status).toBe('pass')
  })

  it('[HE-2] leaves no timer behind', async () => {
    const { registry, clock } = registryOf([fakeCheck('a'), fakeCheck('b')])
    await registry.report()
    expect(clock.pending).toBe(0)
  })

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'pass'],
    ['pass', { status: 'pass' }, 'pass'],
    ['warn', { status: 'warn' }, 'warn'],
    ['fail', { status: 'fail' }, 'fail'],
    ['false', false, 'fail'],
    ['true', true, 'fail'],
    ['null', null, 'fail'],
    ['a word of its own', { status: 'UP' }, 'fail'],
    ['a text', 'pass', 'fail'],
  ])('[HE-2] takes a check that gives %s', async (_what, result, status) => {
    const check = fakeCheck('custom', { check: () => result as undefined })
    check.answer = () => result
    expect((await registryOf([check]).registry.report()).checks[0]?.status).toBe(status)
  })

  it.each<[string, () => unknown, string]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
      'boom',
    ],
    ['rejects', () => Promise.reject(new Error('boom')), 'boom'],
    [
      'throws a text',
      () => {
        throw 'boom' as unknown as Error
      },
      'boom',
    ],
    [
      'throws an error with a code alone',
      () => {
        throw Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
      },
      'ECONNREFUSED',
    ],
  ])('[HE-2] a check that %s is fail', async (_how, check, output) => {
    const { registry } = registryOf([{ name: 'custom', check: check as HealthCheck['check'] }])
    expect((await registry.report()).checks).toMatchObject([{ status: 'fail', output }])
  })

  it('[HE-2] a check fails without critical: warn; with it, and by default: fail', async () => {
    const fail = () => ({ status: 'fail' as const })
    const status = async (critical?: boolean) =>
      (await registryOf([{ name: 'x', check: fail, ...(critical !== undefined && { critical }) }]).registry.report())
        .status
    expect([await status(false), await status(true), await status()]).toEqual(['warn', 'fail', 'fail'])
  })

  it('[HE-2] G10 flips after three failures in a row, and back after two successes', async () => {
    const check = fakeCheck('db')
    const { registry, clock } = registryOf([check], { failures: 3, successes: 2, cacheFor: 1000 })
    const found: string[] = []
    const say = async (word: string) => {
      check.answer = () => ({ status: word })
      await clock.advance(1000)
      found.push((await registry.report()).status)
    }
    for (const word of ['pass', 'fail', 'fail', 'pass', 'fail', 'fail', 'fail', 'pass', 'fail', 'pass', 'pass']) {
      await say(word)
    }
    expect(found).toEqual(['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'fail', 'fail', 'fail', 'fail', 'pass'])
  })

  it('[HE-2] G10 believes the first answer at once, also a failure', async () => {
    const { registry } = registryOf([{ name: 'db', check: () => ({ status: 'fail' }) }], { failures: 3 })
    expect((await registry.report()).status).toBe('fail')
  })

  it('[HE-2] tells of a change once, with from and to', async () => {
    channels.healthChange.subscribe(onChange)
    const check = fakeCheck('db', { critical: false })
    const { registry, clock } = registryOf([check])
    for (const word of ['pass', 'pass', 'warn', 'fail', 'fail']) {
      check.answer = () => ({ status: word })
      await clock.advance(1000)
      await registry.report()
    }
    const message = { check: 'db', critical: false }
    expect(changes).toEqual([
      { ...message, from: 'unknown', to: 'pass' },
      { ...message, from: 'pass', to: 'warn' },
      { ...message, from: 'warn', to: 'fail' },
    ])
  })

  it('[HE-2] adds checks later, takes them out, and knows what was found last', async () => {
    const { registry } = registryOf([])
    const remove = registry.add(fakeCheck('late'))
    expect(registry.last.checks).toEqual([])
    await registry.report()
    expect(registry.last.checks).toMatchObject([{ name: 'late', status: 'pass' }])
    remove()
    expect((await registry.report()).checks).toEqual([])
    registry.add(fakeCheck('late'))
    remove()
    expect((await registry.report()).checks).toHaveLength(1)
  })

  it.each<[string, unknown]>([
    ['option', { check: [] }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: 'soon' }],
    ['cacheFor', { cacheFor: -1 }],
    ['failures', { failures: 0 }],
    ['successes', { successes: 1.5 }],
    ['started', { started: 'yes' }],
    ['check', { checks: [{ name: 'x' }] }],
    ['check', { checks: [null] }],
    ['name', { checks: [fakeCheck('a:b')] }],
    ['name', { checks: [fakeCheck('')] }],
    ['name', { checks: [fakeCheck('a'), fakeCheck('a')] }],
    ['timeoutMs', { checks: [fakeCheck('a', { timeoutMs: 0 })] }],
    ['critical', { checks: [fakeCheck('a', { critical: 'no' as never })] }],
  ])('[HE-2] refuses a wrong %s', (_option, options) => {
    expect(() => createHealthRegistry(options as HealthRegistryOptions)).toThrow(ConfigError)
  })

  it('[HE-2] takes undefined for omitted', async () => {
    const options = {
      checks: undefined,
      timeout: undefined,
      cacheFor: undefined,
      failures: undefined,
      started: undefined,
    }
    const registry = createHealthRegistry(options as unknown as HealthRegistryOptions)
    expect(registry.started).toBe(true)
    expect((await registry.report()).status).toBe('pass')
  })
})
