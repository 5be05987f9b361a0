import { describe, expect, it } from '@jest/globals'
import { ends, programsOnRedis, says } from './programs.js'

const own = programsOnRedis()

describe('a process that closes its jobs', () => {
  const working = `
    const jobs = createJobs({ redis: url, redisTimeout: '5s' })
    const queue = jobs.define('q', () => 1)
    await jobs.start()
    await insist(() => queue.enqueue(null))
    while ((await insist(() => queue.counts())).completed < 1) await pause(20)
    process.once('SIGTERM', async () => {
      const from = performance.now()
      await jobs.close({ timeout: 3000, grace: 100 })
      say('closed within bounds', performance.now() - from < 4500)
    })
    const alive = setInterval(() => undefined, 1000)
    process.once('SIGTERM', () => clearInterval(alive))
    say('ready')`

  it.each(['alive', 'killed', 'frozen'])(
    '[JO-1] 4.3.5 ends by itself, Redis %s',
    async (state) => {
      const child = own.programs.start(working, own.server.url)
      await says(child, /ready/)
      if (state === 'killed') await own.server.kill()
      if (state === 'frozen') own.server.freeze()
      child.signal('SIGTERM')
      await ends(child)
      expect(child.output()).toContain('closed within bounds true\nexit 0')
    },
    120_000,
  )

  it('[JO-1] 4.3.5 ends by itself where Redis was never there', async () => {
    await own.server.kill()
    const program = `
      const jobs = createJobs({ redis: url })
      const queue = jobs.define('q', () => 1)
      await jobs.start()
      say(await queue.enqueue(null).catch((error) => error.code))
      await jobs.close({ timeout: 1000 })`
    expect(await own.programs.run(program, own.server.url)).toBe('ERR_JOBS_UNAVAILABLE\nexit 0\n')
  }, 120_000)

  it('[JO-1] 4.3.5 ends by itself with jobs in the process', async () => {
    const program = `
      const jobs = createJobs()
      const queue = jobs.define('q', () => new Promise(() => undefined))
      await jobs.start()
      await queue.enqueue(null)
      await queue.enqueue(null, { delay: '1h' })
      await pause(50)
      say((await jobs.close({ timeout: 400, grace: 100 })).released)`
    expect(await own.programs.run(program)).toBe('1\nexit 0\n')
  }, 120_000)
})

describe('a process with many jobs', () => {
  it('[JO-1] 4.3.8 100,000 jobs that wait in it take less than 200 MB', async () => {
    const program = `
      const jobs = createJobs()
      const queue = jobs.define('q')
      const before = process.memoryUsage()
      const chunk = (start) => Array.from({ length: 1000 }, (_, at) => ({ order: start + at, to: 'somebody@example.com' }))
      for (let start = 0; start < 100_000; start += 1000) await queue.enqueueMany(chunk(start))
      const after = process.memoryUsage()
      say((await queue.counts()).waiting, after.rss < 200 * 2 ** 20, after.heapUsed - before.heapUsed < 120 * 2 ** 20)
      await jobs.close()`
    expect(await own.programs.run(program)).toBe('100000 true true\nexit 0\n')
  }, 120_000)
})
