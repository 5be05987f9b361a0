import { describe, expect, it } from '@jest/globals'
import { FakeClock, until } from '../src/index.js'

describe('FakeClock', () => {
  it('[RP-1] stands still until it is moved', async () => {
    const clock = new FakeClock(1000)
    expect(clock.now()).toBe(1000)
    await clock.advance(50)
    expect(clock.now()).toBe(1050)
  })

  it('[RP-1] runs timers in order, each at its own moment', async () => {
    const clock = new FakeClock(0)
    const seen: [string, number][] = []
    clock.setTimeout(() => seen.push(['late', clock.now()]), 30)
    clock.setTimeout(() => seen.push(['early', clock.now()]), 10)
    clock.setTimeout(() => seen.push(['early too', clock.now()]), 10)
    clock.setTimeout(() => seen.push(['never', clock.now()]), 51)
    await clock.advance(50)
    expect(seen).toEqual([
      ['early', 10],
      ['early too', 10],
      ['late', 30],
    ])
    expect(clock.pending).toBe(1)
    expect(clock.now()).toBe(50)
  })

  it('[RP-1] runs what a timer settles, and timers set on the way', async () => {
    const clock = new FakeClock(0)
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms))
    const seen: number[] = []
    const work = (async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(10)
        seen.push(clock.now())
      }
    })()
    await clock.advance(30)
    await work
    expect(seen).toEqual([10, 20, 30])
  })

  it('[RP-1] forgets a cleared timer', async () => {
    const clock = new FakeClock()
    const handle = clock.setTimeout(() => {
      throw new Error('was cleared')
    }, 5)
    clock.clearTimeout(handle)
    await clock.advance(10)
    expect(clock.pending).toBe(0)
  })

  it('[RP-1] sets the time of day without running timers', async () => {
    const clock = new FakeClock(0)
    let ran = false
    clock.setTimeout(() => {
      ran = true
    }, 5)
    clock.jump(-100)
    expect(clock.now()).toBe(-100)
    expect(clock.monotonic()).toBe(0)
    await clock.advance(4)
    expect(ran).toBe(false)
    await clock.advance(1)
    expect(ran).toBe(true)
    expect(clock.monotonic()).toBe(5)
  })
})

describe('until', () => {
  it('[RP-1] gives the first truthy value', async () => {
    let tries = 0
    expect(await until(() => (++tries === 3 ? 'third' : undefined), { every: 0 })).toBe('third')
  })

  it('[RP-1] names what did not come true, with the last error as cause', async () => {
    const refused = new Error('refused')
    const waiting = until(() => Promise.reject(refused), { within: 0, what: 'the server' })
    await expect(waiting).rejects.toThrow('the server did not come true within 0 ms')
    await expect(waiting).rejects.toHaveProperty('cause', refused)
  })
})
