import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect } from '@jest/globals'
import {
  type CompiledPackages,
  compilePackages,
  itWith,
  type RedisServer,
  startRedis,
  until,
} from '@hardening/test-utils'

/** Speaks one JSON line a command on stdin, one an answer on stdout. */
const program = `
const { Redis } = require('ioredis')
const { createCache } = require('@hardening/cache')
const client = new Redis(Number(process.argv[2]), '127.0.0.1')
client.on('error', () => {})
const cache = createCache({ redis: client, lease: 3000, redisTimeout: 10_000, jitter: 0 })
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n')
let loads = 0
const commands = {
  warm: async () => { await new Promise((resolve) => client.status === 'ready' ? resolve() : client.once('ready', resolve)); await cache.set('warm', 1); while (cache.stats().pending > 0) await sleep(10) },
  get: (key) => cache.get(key),
  set: (key, value, options) => cache.set(key, value, options),
  deleteByTag: (tag) => cache.deleteByTag(tag),
  loads: () => loads,
  storm: async (key, times, ms) => {
    const load = async () => { loads++; say({ loading: process.pid }); await sleep(ms); return 'value' }
    return [...new Set(await Promise.all(Array.from({ length: times }, () => cache.getOrSet(key, load))))]
  },
  end: async () => { await cache.close(); client.disconnect(); process.stdin.pause() },
}
require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  const [id, name, ...args] = JSON.parse(line)
  try { say({ id, value: await commands[name](...args) }) } catch (error) { say({ id, error: String(error) }) }
})
`

class Worker {
  readonly child: ChildProcess
  readonly lines: { id?: number; value?: unknown; loading?: number }[] = []
  #next = 1
  #rest = ''

  constructor(folder: string, port: number) {
    this.child = spawn(process.execPath, [join(folder, 'worker.cjs'), String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString()).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.lines.push(JSON.parse(line))
    })
  }

  async ask(name: string, ...args: unknown[]): Promise<unknown> {
    const id = this.#next++
    this.child.stdin?.write(`${JSON.stringify([id, name, ...args])}\n`)
    const answer = await until(() => this.lines.find((line) => line.id === id), { within: 60_000, what: name })
    expect(answer).not.toHaveProperty('error')
    return answer.value
  }

  get isLoading(): boolean {
    return this.lines.some((line) => line.loading !== undefined)
  }
}

let compiled: CompiledPackages
let server: RedisServer
const workers: Worker[] = []

beforeAll(async () => {
  compiled = compilePackages('core', 'cache')
  writeFileSync(join(compiled.folder, 'worker.cjs'), program)
  for (const name of ['ioredis', 'lru-cache', 'http-cache-semantics']) {
    const target = join(compiled.folder, 'node_modules', name)
    if (!existsSync(target)) symlinkSync(join(__dirname, '../../node_modules', name), target)
  }
  server = await startRedis()
})
afterEach(() => {
  for (const worker of workers.splice(0)) worker.child.kill('SIGKILL')
})
afterAll(async () => {
  await server.stop()
  compiled.remove()
})

function start(count: number): Worker[] {
  const started = Array.from({ length: count }, () => new Worker(compiled.folder, server.port))
  workers.push(...started)
  return started
}

describe('several processes', () => {
  itWith(
    'redis',
    '[CA-2] 2.6.1 4 processes with 250 concurrent misses each: one loader call',
    async () => {
      const started = start(4)
      await Promise.all(started.map((worker) => worker.ask('warm')))
      const values = await Promise.all(started.map((worker) => worker.ask('storm', 'k', 250, 100)))
      expect(values).toEqual([['value'], ['value'], ['value'], ['value']])
      const loads = await Promise.all(started.map((worker) => worker.ask('loads')))
      expect((loads as number[]).reduce((sum, n) => sum + n, 0)).toBe(1)
    },
    120_000,
  )

  itWith(
    'redis',
    '[CA-2] 2.6.1 the process that loads is killed: another one takes over',
    async () => {
      const started = start(3)
      await Promise.all(started.map((worker) => worker.ask('warm')))
      const answers = started.map((worker) => worker.ask('storm', 'dead', 10, 3000).catch(() => undefined))
      const owner = await until(() => started.find((worker) => worker.isLoading))
      owner.child.kill('SIGKILL')
      const others = started.filter((worker) => worker !== owner)
      const next = await until(() => others.find((worker) => worker.isLoading), {
        within: 30_000,
        what: 'the next owner',
      })
      expect(others.filter((worker) => worker.isLoading)).toEqual([next])
      expect(await Promise.all(answers.filter((_, n) => started[n] !== owner))).toEqual([['value'], ['value']])
    },
    120_000,
  )

  itWith(
    'redis',
    '[CA-3] 2.6.4 after deleteByTag no process gives the old value',
    async () => {
      const started = start(3)
      const [first] = started as [Worker]
      await Promise.all(started.map((worker) => worker.ask('warm')))
      for (let round = 0; round < 5; round++) {
        await first.ask('set', 't', round, { tags: ['tag'] })
        await until(async () =>
          (await Promise.all(started.map((worker) => worker.ask('get', 't')))).every((n) => n === round),
        )
        await first.ask('deleteByTag', 'tag')
        await until(async () =>
          (await Promise.all(started.map((worker) => worker.ask('get', 't')))).every((n) => n === undefined),
        )
      }
    },
    120_000,
  )

  itWith(
    'redis',
    '[CA-1] 2.6.12 a process that closes its cache ends by itself',
    async () => {
      const [worker] = start(1) as [Worker]
      await worker.ask('set', 'a', 1)
      worker.child.stdin?.write(`${JSON.stringify([99, 'end'])}\n`)
      await until(() => worker.child.exitCode === 0, { within: 30_000, what: 'the end of the process' })
    },
    60_000,
  )
})
