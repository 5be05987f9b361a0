import { afterEach, describe, expect, it } from '@jest/globals'
import { FakeClock } from '@hardening/test-utils'
import fc from 'fast-check'
import { parseDictionary, parseList, type InnerList, type Item } from 'structured-headers'
import { rateLimit, type RateLimitAlgorithm, type RateLimitHeaderFormat } from '../src/index.js'
import { ItemTexts } from '../src/headers/item-texts.js'
import { Verdict } from '../src/verdict.js'
import { closeAll, serve } from './apps.js'
import { drive, passing, type Outcome } from './drive.js'

afterEach(closeAll)

const policies = [
  { name: 'burst', limit: 10, window: '10s' },
  { name: 'hour', limit: 100, window: '1h' },
] as const

async function headersOf(headers: RateLimitHeaderFormat): Promise<Headers> {
  const { url } = await serve((app) => app.use(rateLimit({ policies, headers, clock: new FakeClock() })))
  return (await fetch(url)).headers
}

function items(value: string | null): [unknown, Record<string, unknown>][] {
  return parseList(value ?? '').map((item: Item | InnerList) => [item[0], Object.fromEntries(item[1])])
}

describe('headers', () => {
  it('[RL-5] 1.8.9 draft-8 is a list that a parser of structured fields reads', async () => {
    const headers = await headersOf('draft-8')
    expect(items(headers.get('RateLimit'))).toEqual([
      ['burst', { r: 9, t: 10 }],
      ['hour', { r: 99, t: 3600 }],
    ])
    expect(items(headers.get('RateLimit-Policy'))).toEqual([
      ['burst', { q: 10, w: 10 }],
      ['hour', { q: 100, w: 3600 }],
    ])
  })

  it('[RL-5] draft-11 tells the unit of each quota', async () => {
    const headers = await headersOf('draft-11')
    expect(items(headers.get('RateLimit'))[0]).toEqual(['burst', { r: 9, t: 10 }])
    expect(items(headers.get('RateLimit-Policy'))[0]).toEqual(['burst', { q: 10, w: 10, qu: 'requests' }])
  })

  it('[RL-5] draft-7 is a dictionary of the policy with the least left', async () => {
    const headers = await headersOf('draft-7')
    const members = [...parseDictionary(headers.get('RateLimit') ?? '')].map(([name, [value]]) => [name, value])
    expect(Object.fromEntries(members)).toEqual({ limit: 10, remaining: 9, reset: 10 })
    expect(items(headers.get('RateLimit-Policy'))).toEqual([
      [10, { w: 10 }],
      [100, { w: 3600 }],
    ])
  })

  it('[RL-5] draft-6 has a field for each number', async () => {
    const headers = await headersOf('draft-6')
    const names = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'RateLimit-Policy']
    expect(names.map((name) => headers.get(name))).toEqual(['10', '9', '10', '10;w=10, 100;w=3600'])
  })

  it('[RL-5] legacy names the end of the window in seconds since 1970', async () => {
    const headers = await headersOf('legacy')
    const names = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset', 'RateLimit']
    const end = String(Date.UTC(2026, 0, 1) / 1000 + 10)
    expect(names.map((name) => headers.get(name))).toEqual(['10', '9', end, null])
  })

  it('[RL-5] takes a writer of the user, and false for none', async () => {
    const writer = rateLimit({ policies, headers: (all) => [['X-Left', all.map((one) => one.remaining).join()]] })
    const none = rateLimit({ policies, headers: false })
    const { url } = await serve((app) => app.use('/own', writer).use('/none', none))
    expect((await fetch(`${url}/own`)).headers.get('X-Left')).toBe('9,99')
    const { headers } = await fetch(`${url}/none`)
    expect([headers.get('RateLimit'), headers.get('RateLimit-Policy')]).toEqual([null, null])
  })

  it('[RL-5] leaves a header alone that the application sets itself', async () => {
    const { url } = await serve((app) => {
      app.use(rateLimit({ policies }))
      app.use((_req, res) => void res.set('RateLimit', 'mine').end())
    })
    expect((await fetch(url)).headers.get('RateLimit')).toBe('mine')
  })
})

const algorithm = fc.constantFrom<RateLimitAlgorithm>('sliding-window', 'fixed-window', 'token-bucket')

function written({ res }: Outcome): { r: number; t: number }[] {
  // Ours are written with the head; flushing it would need a connection.
  const value = res.getHeader('RateLimit')
  return items(String(value)).map(([, parameters]) => parameters as { r: number; t: number })
}

describe('the text of RateLimit', () => {
  const plain = (starts: readonly string[], { remaining, resetMs }: Verdict): string =>
    starts
      .map((start, at) => `${start}${remaining[at]};t=${Math.ceil((resetMs[at] as number) / 1000)}`)
      .filter((_item, at) => starts[at] !== '')
      .join(', ')

  it('[RL-5] is the same put together from kept parts, whatever was asked before', () => {
    const starts = ['"minute";r=', '', '"hour";r=', '"day";r=']
    const texts = new ItemTexts(starts)
    const verdict = new Verdict()
    const units = fc.oneof(fc.nat(1100), fc.nat(1_000_000), fc.integer({ min: 0, max: 0x3fffffff }))
    const ms = fc.oneof(fc.double({ min: 0, max: 61_000, noNaN: true }), fc.integer({ min: 0, max: 366 * 86_400_000 }))
    const some = fc.array(fc.tuple(units, ms), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(some, (standings) => {
        standings.forEach(([left, reset], at) => {
          verdict.remaining[at] = left
          verdict.resetMs[at] = reset
        })
        expect(texts.of(verdict)).toBe(plain(starts, verdict))
        expect(texts.of(verdict)).toBe(plain(starts, verdict))
      }),
      { numRuns: 3000 },
    )
  })

  it('[RL-5] is left to the plain way where a store gives what is no number of units', () => {
    const texts = new ItemTexts(['"minute";r='])
    const verdict = new Verdict()
    verdict.resetMs[0] = 1000
    for (const odd of [-1, NaN, Infinity, 2 ** 32]) {
      verdict.remaining[0] = odd
      expect(texts.of(verdict)).toBeUndefined()
    }
    verdict.remaining[0] = 7
    for (const odd of [1000, Infinity, 2 ** 32 * 1000, (2 ** 32 + 1) * 1000, -1000, 1000]) {
      verdict.resetMs[0] = odd
      expect(texts.of(verdict)).toBe(plain(['"minute";r='], verdict))
    }
  })
})

describe('waiting', () => {
  it('[RL-5] 1.8.9 whoever waits as long as Retry-After says passes, whatever the algorithm; r is never negative', async () => {
    const steps = fc.array(fc.tuple(fc.nat(4000), fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 25 })
    const limits = fc.record({
      algorithm,
      limit: fc.integer({ min: 5, max: 30 }),
      window: fc.integer({ min: 50, max: 20_000 }),
    })
    await fc.assert(
      fc.asyncProperty(limits, steps, fc.boolean(), async (policy, requests, countRefused) => {
        const clock = new FakeClock()
        let cost = 1
        const counts = countRefused && policy.algorithm === 'fixed-window'
        const limiter = rateLimit({
          policies: [{ ...policy, name: 'p', cost: () => cost, countRefused: counts }],
          clock,
        })
        for (const [pause, next] of requests) {
          await clock.advance(pause)
          cost = next
          const outcome = await drive(limiter)
          for (const { r, t } of written(outcome)) {
            expect(r).toBeGreaterThanOrEqual(0)
            expect(t).toBeGreaterThanOrEqual(0)
          }
          if (outcome.error === undefined) continue
          const seconds = Number(outcome.error.headers['Retry-After'])
          expect(seconds).toBeGreaterThanOrEqual(1)
          await clock.advance(seconds * 1000)
          expect((await drive(limiter)).status).toBe(200)
        }
      }),
      { numRuns: 60 },
    )
  }, 30_000)
})

describe('windows', () => {
  const ten = (chosen: RateLimitAlgorithm) => ({ limit: 10, window: '1s', algorithm: chosen }) as const

  it('[RL-1] 1.8.7 a sliding window lets no double limit pass around its turn; a fixed one does', async () => {
    const passed: Record<string, number> = {}
    for (const chosen of ['sliding-window', 'fixed-window'] as const) {
      const clock = new FakeClock()
      const limiter = rateLimit({ policies: [ten(chosen)], clock })
      // Opens the window, so that the next 9 come at its end.
      passed[chosen] = await passing(limiter, 1)
      await clock.advance(990)
      passed[chosen] += await passing(limiter, 9)
      await clock.advance(20)
      passed[chosen] += await passing(limiter, 10)
    }
    expect(passed['sliding-window']).toBeLessThanOrEqual(11)
    expect(passed['fixed-window']).toBe(20)
  })

  it('[RL-1] a token bucket lets its burst pass at once and then refills evenly', async () => {
    const clock = new FakeClock()
    const policies = [{ limit: 10, window: '1s', burst: 3, algorithm: 'token-bucket' }] as const
    const limiter = rateLimit({ policies, clock })
    expect(await passing(limiter, 10)).toBe(3)
    await clock.advance(100)
    expect(await passing(limiter, 10)).toBe(1)
    await clock.advance(10_000)
    expect(await passing(limiter, 10)).toBe(3)
  })

  it('[RL-6] 1.8.10 refused requests do not extend a window unless configured', async () => {
    for (const [countRefused, expected, options] of [
      [false, 5, {}],
      [true, 0, {}],
      [false, 5, { maxDenied: 0 }],
      [true, 0, { maxDenied: 0 }],
    ] as const) {
      const clock = new FakeClock()
      const policies = [{ ...ten('sliding-window'), countRefused }]
      const limiter = rateLimit({ policies, clock, ...options })
      await passing(limiter, 1000)
      await clock.advance(1500)
      expect(await passing(limiter, 20)).toBe(expected)
    }
  })

  it('[RL-1] keeps its count when the time of the system jumps', async () => {
    const clock = new FakeClock()
    const limiter = rateLimit({ policies: [ten('sliding-window')], clock })
    expect(await passing(limiter, 10)).toBe(10)
    clock.jump(86_400_000)
    expect(await passing(limiter, 1)).toBe(0)
    clock.jump(-2 * 86_400_000)
    expect(await passing(limiter, 1)).toBe(0)
    await clock.advance(2000)
    expect(await passing(limiter, 11)).toBe(10)
  })
})
