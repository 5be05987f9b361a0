import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Claim } from '../src/quota.js'
import { Verdict } from '../src/verdict.js'
import { ownRedis, storePair } from './redis-stores.js'

const own = ownRedis()

const window = fc.record({
  algorithm: fc.constantFrom('sliding-window', 'fixed-window', 'token-bucket'),
  limit: fc.integer({ min: 2, max: 40 }),
  burst: fc.integer({ min: 2, max: 40 }),
  windowMs: fc.integer({ min: 10, max: 5000 }),
  isEnforced: fc.boolean(),
  countsRefused: fc.boolean(),
})

const step = fc.record({
  pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6000 })),
  key: fc.constantFrom('a', 'b'),
  cost: fc.integer({ min: 0, max: 2 }),
  back: fc.constantFrom(0, 0, 0, 1, -1),
})

it('[RL-1] memory and Redis come to the same decisions, with the same rest and the same wait', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(window, { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 30 }),
      async (windows, steps) => {
        const { clock, quotas, memory, shared } = storePair(own, windows)
        await clock.advance(1000)
        for (const { pause, key, cost, back } of steps) {
          await clock.advance(pause)
          const claim: Claim = { group: 0, key, quotas, costs: quotas.map(() => cost) }
          const [ours, theirs] = [new Verdict(), new Verdict()]
          memory.take([claim], ours)
          await shared.take([claim], theirs)
          expect({ ...theirs }).toEqual({ ...ours })
          if (back === 0 || !ours.allowed) continue
          const change = { ...claim, costs: claim.costs.map(() => back) }
          memory.adjust(change, ours.at)
          await shared.adjust(change, theirs.at)
        }
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)

const turn = fc.record({
  pause: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6000 })),
  /** Which keys ask side by side, for how many of the windows, at what cost. */
  takes: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      windows: fc.integer({ min: 1, max: 3 }),
      cost: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  strike: fc.constantFrom(0, 0, 0, 2),
})

it('[RL-1] what is asked for in one turn, of few keys or many, comes to what it would one after the other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(window, { minLength: 1, maxLength: 3 }),
      fc.array(turn, { maxLength: 15 }),
      fc.boolean(),
      fc.boolean(),
      async (windows, turns, isOfOneCost, isOfAllWindows) => {
        const { clock, quotas, memory, shared } = storePair(own, windows)
        await clock.advance(1000)
        // The same lists each time, as from policies that are the same for every request.
        const selections = windows.map((_, at) => quotas.slice(0, at + 1))
        for (const { pause, takes, strike } of turns) {
          await clock.advance(pause)
          const claims = takes.map(({ key, windows: count, cost }): Claim => {
            const selection =
              selections[isOfAllWindows ? windows.length - 1 : Math.min(count, windows.length) - 1] ?? []
            return { group: 0, key, quotas: selection, costs: selection.map(() => (isOfOneCost ? 1 : cost)) }
          })
          const ours = claims.map((claim) => {
            const verdict = new Verdict()
            memory.take([claim], verdict)
            return { ...verdict }
          })
          const verdicts = claims.map(() => new Verdict())
          await Promise.all(claims.map((claim, at) => shared.take([claim], verdicts[at] as Verdict)))
          expect(verdicts.map((verdict) => ({ ...verdict }))).toEqual(ours)
          if (strike === 0) continue
          const ref = { group: 0, key: 'a' }
          expect(await shared.strike(ref, strike)).toBe(memory.strike(ref, strike))
          const { level, strikes, blockedMs } = await shared.inspect(ref, quotas)
          expect({ level, strikes, blockedMs }).toEqual({ ...memory.inspect(ref, []), windows: undefined })
        }
      },
    ),
    { numRuns: 80 },
  )
}, 60_000)
