// One of several processes that miss the same key at once; tells how often its loader ran.
import { createCache } from '@hardening/cache'
import { Redis } from 'ioredis'

const redis = new Redis(process.env.BENCH_REDIS_URL)
const cache = createCache({ redis })
await redis.ping()
// Whoever writes something has its connections ready.
while ((await cache.set('ready', 1), cache.stats().pending > 0));
process.on('message', async ({ key, misses }) => {
  let loads = 0
  const load = async () => {
    loads++
    await new Promise((resolve) => setTimeout(resolve, 50))
    return { at: process.pid }
  }
  const values = await Promise.all(Array.from({ length: misses }, () => cache.getOrSet(key, load)))
  process.send({ loads, owners: [...new Set(values.map(({ at }) => at))] })
})
process.on('disconnect', () => process.exit())
process.send({ port: 0 })
