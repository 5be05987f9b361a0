import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import { Cohort } from '../src/cohort.js'
import type { ExchangeRecord } from '../src/exchange-record.js'

type Next = () => void

const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

/** A cohort of names, and who has begun so far. */
function begin(onBegin: (name: string) => void = () => {}) {
  const begun: string[] = []
  const cohort = new Cohort((exchange, next) => {
    begun.push(exchange.path)
    next()
    onBegin(exchange.path)
  })
  const join = (names: string, next: Next = () => {}): void => {
    for (const path of names) cohort.join({ path } as ExchangeRecord, next)
  }
  return { begun, join }
}

describe('a cohort', () => {
  it('[CO-7] begins when the turn of the event loop is over, in the order in which they came', async () => {
    const { begun, join } = begin()
    join('ab')
    await nextTick()
    join('c')
    expect(begun).toEqual([])
    await turn()
    expect(begun).toEqual(['a', 'b', 'c'])
  })

  it('[CO-7] goes on with eight, however many come in that turn', async () => {
    const { begun, join } = begin()
    join('abcdefgh')
    expect(begun).toEqual([])
    await nextTick()
    expect(begun.join('')).toBe('abcdefgh')
    join('i')
    await nextTick()
    expect(begun).toHaveLength(8)
    await turn()
    expect(begun.join('')).toBe('abcdefghi')
    join('j')
    await turn()
    expect(begun.join('')).toBe('abcdefghij')
  })

  it("[CO-7] begins each in the contexts of those who run around us, a user's own among them", async () => {
    const own = new AsyncLocalStorage<string>()
    const found: unknown[] = []
    const { join } = begin()
    for (const name of 'abcdefghi') own.run(`of ${name}`, () => join(name, () => void found.push(own.getStore())))
    await turn()
    expect(found).toEqual([...'abcdefghi'].map((name) => `of ${name}`))
  })

  it('[CO-7] lets the others begin where one throws', async () => {
    const thrown: unknown[] = []
    const { begun, join } = begin((name) => {
      if (name === 'b' || name === 'c') throw new Error(name)
    })
    process.setUncaughtExceptionCaptureCallback((error) => void thrown.push(error))
    try {
      join('abcd')
      while (begun.length < 4) await turn()
      join('e')
      await turn()
    } finally {
      process.setUncaughtExceptionCaptureCallback(null)
    }
    expect(begun.join('')).toBe('abcde')
    expect(thrown).toEqual([new Error('b'), new Error('c')])
  })
})
