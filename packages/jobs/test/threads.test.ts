import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { threadHandler } from '../src/index.js'
import { Programs } from './programs.js'

let programs: Programs
let file: string

beforeAll(() => {
  programs = new Programs()
  file = join(programs.folder, 'work.cjs')
  writeFileSync(
    file,
    `const { threadId } = require('node:worker_threads')
    module.exports = ({ data, queue, attempt }) => {
      if (data === 'for ever') for (;;);
      if (data === 'fails') throw new TypeError('no good')
      if (data === 'memory') { const all = []; for (;;) all.push(new Array(100_000).fill(all.length)) }
      const end = Date.now() + data
      while (Date.now() < end);
      return { isMain: threadId === 0, queue, attempt }
    }`,
  )
})
afterAll(() => programs.stop())

const opening = `
  const { threadHandler } = require('@hardening/jobs')
  const settled = async (queue, id) => {
    for (;;) { const job = await queue.get(id); if (job.state === 'completed' || job.state === 'dead') return job; await pause(20) }
  }`

describe('threadHandler', () => {
  it('[JO-1] works on a thread, while this one goes on', async () => {
    const output = await programs.run(
      `${opening}
      const jobs = createJobs()
      const queue = jobs.define('heavy', threadHandler(url, { threads: 1 }))
      await jobs.start()
      let turns = 0
      const ticking = setInterval(() => turns++, 5)
      const { id } = await queue.enqueue(400)
      say(JSON.stringify((await settled(queue, id)).result))
      clearInterval(ticking)
      say('turns meanwhile', turns > 5)
      await jobs.close()`,
      file,
    )
    expect(output).toBe('{"isMain":false,"queue":"heavy","attempt":1}\nturns meanwhile true\nexit 0\n')
  }, 120_000)

  it('[JO-1] the time-out ends the thread of a job that never ends, and the next one runs', async () => {
    const output = await programs.run(
      `${opening}
      const jobs = createJobs()
      const queue = jobs.define('heavy', { attempts: 1, timeout: '2s' }, threadHandler(url, { threads: 1 }))
      await jobs.start()
      const { id } = await queue.enqueue('for ever')
      say((await settled(queue, id)).error)
      const next = await queue.enqueue(1)
      say((await settled(queue, next.id)).state)
      await jobs.close()`,
      file,
    )
    expect(output).toBe('JobTimeoutError: A job of "heavy" took longer than 2000 ms\ncompleted\nexit 0\n')
  }, 120_000)

  it('[JO-1] close ends the thread of a job that never ends', async () => {
    const output = await programs.run(
      `${opening}
      const jobs = createJobs()
      const queue = jobs.define('heavy', threadHandler(url, { threads: 1 }))
      await jobs.start()
      await queue.enqueue('for ever')
      await pause(300)
      say('released', (await jobs.close({ timeout: 3000, grace: 0 })).released)`,
      file,
    )
    // Aborted by its signal, the job is handed back by itself.
    expect(output).toBe('released 0\nexit 0\n')
  }, 120_000)

  it('[JO-1] errors of the thread are those of the job; one that takes all memory fails alone', async () => {
    const output = await programs.run(
      `${opening}
      const jobs = createJobs()
      const queue = jobs.define('heavy', { attempts: 1 }, threadHandler(url, { threads: 1, memoryLimit: '64mb' }))
      await jobs.start()
      const failing = await queue.enqueue('fails')
      say((await settled(queue, failing.id)).error)
      const greedy = await queue.enqueue('memory')
      say((await settled(queue, greedy.id)).error)
      await jobs.close()`,
      file,
    )
    expect(output).toMatch(/^TypeError: no good\n.*memory.*\n/)
    expect(output).toContain('exit 0')
  }, 120_000)

  it('[JO-1] 4.3.3 errors come out of threadJob with their codes: an unrecoverable one is not tried again', async () => {
    const wrapped = join(programs.folder, 'wrapped.cjs')
    writeFileSync(
      wrapped,
      `const { threadJob, UnrecoverableJobError } = require('@hardening/jobs')
      module.exports = threadJob(async ({ data, attempt }) => {
        if (data === 'never') throw new UnrecoverableJobError('no use')
        if (data === 'text') throw 'a text'
        if (attempt < 3) throw Object.assign(new RangeError('later'), { code: 'EAGAIN' })
        return { attempt }
      })`,
    )
    const output = await programs.run(
      `${opening}
      const jobs = createJobs()
      const codes = []
      const options = { attempts: 3, backoff: { delay: 1 }, isRetryable: (error) => codes.push(error.name, error.code) }
      const queue = jobs.define('heavy', options, threadHandler(url, { threads: 1 }))
      await jobs.start()
      for (const data of ['never', 'text', 'well']) {
        const { id } = await queue.enqueue(data)
        const { state, attempts, error, result } = await settled(queue, id)
        say(state, attempts, error, JSON.stringify(result))
      }
      say(codes.join())
      await jobs.close()`,
      wrapped,
    )
    expect(output.split('\n')).toEqual([
      expect.stringMatching(/^dead 1 \w*Error: no use $/),
      expect.stringMatching(/^dead 3 Error: a text $/),
      expect.stringMatching(/^completed 3 RangeError: later \{"attempt":3\}$/),
      'Error,,Error,,RangeError,EAGAIN,RangeError,EAGAIN',
      'exit 0',
      '',
    ])
  }, 120_000)

  it('[JO-1] 4.3.2 without piscina the job says which command to run', async () => {
    const bare = new Programs([])
    try {
      const output = await bare.run(
        `${opening}
        const jobs = createJobs()
        const queue = jobs.define('heavy', { attempts: 1 }, threadHandler(url))
        await jobs.start()
        const { id } = await queue.enqueue(1)
        say((await settled(queue, id)).error)
        await jobs.close()`,
        file,
      )
      expect(output).toContain('npm install piscina')
    } finally {
      bare.stop()
    }
  }, 120_000)

  it('[JO-1] refuses options that are impossible or unknown', () => {
    expect(() => threadHandler('relative.mjs')).toThrow(/file/)
    expect(() => threadHandler('/a.mjs', { threads: 0 })).toThrow(/threads/)
    expect(() => threadHandler('/a.mjs', { memoryLimit: '1mb' })).toThrow(/memoryLimit/)
    expect(() => threadHandler('/a.mjs', { workers: 2 } as never)).toThrow(/workers/)
  })
})
