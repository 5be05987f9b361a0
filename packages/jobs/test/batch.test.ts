import { describe, expect, it } from '@jest/globals'
import { FakeClock, flush } from '@hardening/test-utils'
import { batch } from '../src/index.js'

const double = async (items: number[]) => items.map((item) => item * 2)

describe('batch', () => {
  it('[JO-2] hands on as soon as there are enough, and the rest after the interval', async () => {
    const clock = new FakeClock()
    const sizes: number[] = []
    const items = batch<number, number>(
      async (some) => {
        sizes.push(some.length)
        return double(some)
      },
      { size: 3, interval: 100, clock },
    )
    const found = Promise.all([1, 2, 3, 4].map((item) => items.add(item)))
    await flush()
    expect(sizes).toEqual([3])
    await clock.advance(99)
    expect(sizes).toEqual([3])
    await clock.advance(1)
    expect(sizes).toEqual([3, 1])
    expect(await found).toEqual([2, 4, 6, 8])
    expect(clock.pending).toBe(0)
  })

  it('[JO-2] an Error in a place fails that item alone', async () => {
    const items = batch<number, number>(async (some) => some.map((item) => (item === 2 ? new Error('two') : item)), {
      size: 3,
    })
    const found = await Promise.allSettled([1, 2, 3].map((item) => items.add(item)))
    expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('[JO-2] where it throws, only the items at fault fail, in few runs', async () => {
    let runs = 0
    const items = batch<number, number>(
      async (some) => {
        runs++
        if (some.includes(17)) throw new Error('seventeen')
        return double(some)
      },
      { size: 64 },
    )
    const found = await Promise.allSettled(Array.from({ length: 64 }, (_, item) => items.add(item)))
    expect(found.flatMap(({ status }, at) => (status === 'rejected' ? [at] : []))).toEqual([17])
    expect(runs).toBeLessThanOrEqual(13)
  })

  it('[JO-2] takes no more than it may hold, and again when items have ended', async () => {
    let finish!: () => void
    const items = batch<number, number>(
      async (some) => {
        await new Promise<void>((resolve) => (finish = resolve))
        return double(some)
      },
      { size: 2, maxItems: 2 },
    )
    const first = [items.add(1), items.add(2)]
    await expect(items.add(3)).rejects.toMatchObject({ code: 'ERR_JOBS_BATCH', status: 503 })
    await flush()
    finish()
    expect(await Promise.all(first)).toEqual([2, 4])
    const second = items.add(4)
    const flushed = items.flush()
    await flush()
    finish()
    expect(await second).toBe(8)
    await flushed
  })

  it('[JO-2] close hands on what waits, then refuses', async () => {
    const items = batch<number, number>(double)
    const found = items.add(1)
    await items.close()
    expect(await found).toBe(2)
    await expect(items.add(2)).rejects.toMatchObject({ code: 'ERR_JOBS_BATCH' })
  })

  it('[JO-2] close gives up what hangs', async () => {
    const clock = new FakeClock()
    const items = batch<number, number>(() => new Promise(() => undefined), { size: 1, clock })
    const found = items.add(1).catch((error: { code: string }) => error.code)
    const closing = items.close(500)
    await clock.advance(500)
    await closing
    expect(await found).toBe('ERR_JOBS_BATCH')
  })

  it.each([[{ size: 0 }], [{ interval: 0 }], [{ size: 10, maxItems: 5 }], [{ every: 1 }]])(
    '[JO-2] refuses %j',
    (options) => {
      expect(() => batch(double, options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }))
    },
  )
})
