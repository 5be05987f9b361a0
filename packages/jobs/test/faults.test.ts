import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { until } from '@hardening/test-utils'
import { createJobs } from '../src/index.js'
import { ends, Programs, programsOnRedis, says } from './programs.js'

const own = programsOnRedis()

/** Works on `q`: the first attempt of a job hangs where it is told to, all others end. */
const worker = `
  const jobs = createJobs({ redis: url, lock: '1s', redisTimeout: '5s' })
  const queue = jobs.define('q', { attempts: 3 }, async (data, job) => {
    say('begun', job.id, job.attempt, 'of', data)
    job.signal.addEventListener('abort', () => say('signal', job.signal.reason.code))
    if (args[0] === 'hang') await new Promise(() => undefined)
    say('ended', job.id, data)
  })
  await jobs.start()
  const alive = setInterval(() => undefined, 1000)
  process.once('SIGTERM', async () => {
    clearInterval(alive)
    say('released', (await jobs.close({ timeout: 4000, grace: 50 })).released)
  })
  say('ready')`

const producer = () => createJobs({ redis: own.server.url, redisTimeout: '10s' })

it('[JO-1] 4.3.6 a job that was on its way when the connection ended is answered with 503', async () => {
  const jobs = producer()
  const queue = jobs.define('q')
  await until(() => queue.enqueue('a'), { within: 20_000 })
  own.server.freeze()
  const enqueued = queue.enqueueMany(['b', 'c']).then(
    () => undefined,
    (error: unknown) => error,
  )
  await own.server.kill()
  expect(await enqueued).toMatchObject({ code: 'ERR_JOBS_UNAVAILABLE', status: 503 })
  await jobs.close()
}, 60_000)

it('[JO-1] 4.3.6 a job that comes when the connection has ended, but is not closed yet, is answered with 503', async () => {
  const sockets: Socket[] = []
  const see = (message: unknown): void => void sockets.push((message as { socket: Socket }).socket)
  subscribe('net.client.socket', see)
  const jobs = producer()
  const queue = jobs.define('q')
  await until(() => queue.enqueue('before'), { within: 20_000 })
  unsubscribe('net.client.socket', see)
  // The first connection is that of the producer; for a moment its client still takes itself for ready.
  const ended = new Promise<unknown>((resolve) => {
    sockets[0]?.once('end', () => resolve(queue.enqueue('late').catch((error: unknown) => error)))
  })
  await own.server.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  expect(await ended).toMatchObject({
    code: 'ERR_JOBS_UNAVAILABLE',
    status: 503,
    cause: { message: expect.stringContaining('writeable') },
  })
  await until(() => queue.enqueue('after'), { within: 20_000 })
  await jobs.close()
}, 60_000)

describe('a worker that dies', () => {
  it('[JO-1] 4.3.9 killed in mid-job: the job runs again elsewhere, once', async () => {
    const jobs = producer()
    const queue = jobs.define('q')
    const first = own.programs.start(worker, own.server.url, 'hang')
    await says(first, /ready/)
    const { id } = await until(() => queue.enqueue('a'), { within: 20_000 })
    await says(first, /begun/)
    first.signal('SIGKILL')
    const second = own.programs.start(worker, own.server.url)
    await says(second, /ended/)
    await until(async () => (await queue.get(id))?.state === 'completed', { within: 20_000 })
    // Longer than another look for stalled jobs would take, counted in jobs that are run meanwhile.
    for (const name of ['b', 'c', 'd']) await queue.enqueue(name, { delay: 700 })
    await says(second, /ended/, 4)
    second.signal('SIGTERM')
    await ends(second)
    expect(second.output().match(/begun \S+ 1 of a/g)).toHaveLength(1)
    await jobs.close()
  }, 120_000)

  it('[JO-1] 4.3.5 ended in order with a job that hangs: signal after the grace, then it runs elsewhere at once', async () => {
    const jobs = producer()
    const queue = jobs.define('q')
    const first = own.programs.start(worker, own.server.url, 'hang')
    await says(first, /ready/)
    const { id } = await until(() => queue.enqueue('a'), { within: 20_000 })
    await says(first, /begun/)
    first.signal('SIGTERM')
    await ends(first)
    expect(first.output()).toMatch(/signal ERR_JOBS_ABORTED[^]*released 1\nexit 0/)
    expect((await queue.get(id))?.state).toBe('waiting')
    const second = own.programs.start(worker, own.server.url)
    await says(second, /ended/)
    await until(async () => (await queue.get(id))?.state === 'completed', { within: 20_000 })
    expect((await queue.get(id))?.attempts).toBe(1)
    await jobs.close()
  }, 120_000)

  it.each(['killed', 'frozen'])(
    '[JO-1] 4.3.5 ended with a job that hangs and Redis %s: within bounds',
    async (how) => {
      const jobs = producer()
      const queue = jobs.define('q')
      const child = own.programs.start(worker, own.server.url, 'hang')
      await says(child, /ready/)
      await until(() => queue.enqueue('a'), { within: 20_000 })
      await says(child, /begun/)
      if (how === 'killed') await own.server.kill()
      else own.server.freeze()
      child.signal('SIGTERM')
      await ends(child)
      expect(child.output()).toMatch(/released 1\nexit 0/)
      await jobs.close({ timeout: 1000 })
    },
    120_000,
  )
})

describe('Redis that goes and comes back', () => {
  it.each(['killed', 'frozen'])(
    '[JO-1] 4.3.6 %s: producers are refused with 503, workers go on by themselves',
    async (how) => {
      const jobs = createJobs({ redis: own.server.url, lock: '2s', redisTimeout: 200 })
      const ran: string[] = []
      const queue = jobs.define<string>('q', (data) => void ran.push(data))
      await jobs.start()
      await until(() => queue.enqueue('before'), { within: 20_000 })
      await until(() => ran.length === 1, { within: 20_000 })
      if (how === 'killed') await own.server.kill()
      else own.server.freeze()
      for (let at = 0; at < 3; at++) {
        await expect(queue.enqueue(`lost ${at}`)).rejects.toMatchObject({
          code: 'ERR_JOBS_UNAVAILABLE',
          status: 503,
          headers: { 'Retry-After': '1' },
        })
      }
      await expect(jobs.check().check()).rejects.toMatchObject({ code: 'ERR_JOBS_UNAVAILABLE' })
      if (how === 'killed') await own.server.restart()
      else own.server.thaw()
      await until(() => queue.enqueue('after', { idempotencyKey: 'after' }), { within: 30_000 })
      await until(() => ran.includes('after'), { within: 60_000 })
      // What a frozen server had in its socket it may carry out late; what was refused at once never comes.
      if (how === 'killed') expect(ran).toEqual(['before', 'after'])
      await jobs.close()
    },
    120_000,
  )
})

describe('several processes', () => {
  it('[JO-1] 4.3.4 one key 100 times at once in each of 4 processes: runs once', async () => {
    const program = `
      const jobs = createJobs({ redis: url, redisTimeout: '20s' })
      const queue = jobs.define('q', () => say('ran'))
      await jobs.start()
      await insist(() => queue.counts())
      const made = await Promise.all(Array.from({ length: 100 }, () => queue.enqueue(null, { idempotencyKey: 'one' })))
      say('made', made.filter(({ isDuplicate }) => !isDuplicate).length)
      while ((await insist(() => queue.counts())).completed < 1) await pause(20)
      await jobs.close()`
    const children = Array.from({ length: 4 }, () => own.programs.start(program, own.server.url))
    await Promise.all(children.map(ends))
    const output = children.map((child) => child.output()).join('')
    expect(output.match(/ran/g)).toHaveLength(1)
    expect(output.match(/made \d+/g)?.toSorted()).toEqual(['made 0', 'made 0', 'made 0', 'made 1'])
  }, 120_000)

  it('[JO-1] 4.3.7 a schedule in 4 processes makes one job at each time', async () => {
    const program = `
      const jobs = createJobs({ redis: url, redisTimeout: '20s' })
      const queue = jobs.define('q', (_data, job) => say('tick', job.id))
      await jobs.start()
      await insist(() => queue.schedule('each', { cron: '* * * * * *' }, null))
      say('ready')
      process.once('SIGTERM', () => void jobs.close())`
    const children = Array.from({ length: 4 }, () => own.programs.start(program, own.server.url))
    await Promise.all(children.map((child) => says(child, /ready/)))
    const ticks = (): string[] => children.flatMap((child) => child.output().match(/tick \S+/g) ?? [])
    await until(() => ticks().length >= 4, { within: 60_000 })
    for (const child of children) child.signal('SIGTERM')
    await Promise.all(children.map(ends))
    const found = ticks()
    expect(new Set(found).size).toBe(found.length)
    const times = found.map((tick) => Number(/(\d+)$/.exec(tick)?.[1])).toSorted((a, b) => a - b)
    expect(times.every((time) => time % 1000 === 0)).toBe(true)
  }, 120_000)
})

describe('libraries that are not installed', () => {
  it('[JO-1] 4.3.2 without Redis nothing else is needed; with it, the command is named', async () => {
    const bare = new Programs([])
    try {
      const program = `
        const jobs = createJobs(url === 'none' ? {} : { redis: url })
        const queue = jobs.define('q', () => say('ran'))
        await jobs.start().catch((error) => say(error.code, error.message))
        await queue.enqueue(null).catch((error) => say('enqueue', error.code))
        await pause(50)
        await jobs.close()`
      expect(await bare.run(program, 'none')).toBe('ran\nexit 0\n')
      const output = await bare.run(program, own.server.url)
      expect(output).toContain('ERR_JOBS_PEER_MISSING')
      expect(output).toContain('npm install bullmq ioredis')
      expect(output).toContain('enqueue ERR_JOBS_PEER_MISSING\nexit 0')
    } finally {
      bare.stop()
    }
  }, 120_000)
})
