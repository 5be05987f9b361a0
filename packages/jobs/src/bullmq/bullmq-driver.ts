import { createRedisGuard, type RedisGuard, type RedisLike } from '@hardening/core'
import type { JobsDriver } from '../driver.js'
import { JobsPeerMissingError, JobsUnavailableError } from '../errors.js'
import { BullmqQueue } from './bullmq-queue.js'

/** A client of ioredis, of which connections with other options are made. */
export interface JobsRedis {
  duplicate(options?: Record<string, unknown>): unknown
  disconnect(): void
}

/** What the BullMQ driver is made of. */
export interface BullmqDriverOptions {
  readonly redis: string | JobsRedis
  readonly prefix: string
  readonly timeoutMs: number
  readonly lockMs: number
}

/** What has been loaded and connected. */
export interface BullmqRuntime {
  readonly bullmq: typeof import('bullmq')
  readonly producer: JobsRedis & RedisLike
  readonly worker: JobsRedis & RedisLike
  readonly guard: RedisGuard
  readonly prefix: string
  readonly lockMs: number
  /** Runs `fn` unless Redis is out of reach, and not for long. @throws JobsUnavailableError */
  ask<T>(queue: string, fn: () => Promise<T>): Promise<T>
}

/** Keeps jobs in Redis by BullMQ. */
export function createBullmqDriver(options: BullmqDriverOptions): JobsDriver {
  const connections = new Set<JobsRedis>()
  const queues: BullmqQueue[] = []
  const runtime = open(options, connections)
  // Whoever waits for it hears of it; nobody else does.
  runtime.catch(() => undefined)
  return {
    name: 'bullmq',
    isDurable: true,
    ready: async () => void (await runtime),
    queue(settings) {
      const queue = new BullmqQueue(settings, runtime)
      queues.push(queue)
      return queue
    },
    async ping() {
      const { guard, ask } = await runtime
      await ask('redis', () => guard.command('PING'))
    },
    async close(withinMs) {
      // The socket of a dead Redis keeps BullMQ from ever ending by itself.
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)))
      await Promise.race([Promise.allSettled(queues.map((queue) => queue.close())), late])
      clearTimeout(timer)
      const opened = await runtime.catch(() => undefined)
      opened?.guard.close()
      for (const connection of connections) connection.disconnect()
    },
  }
}

async function open(options: BullmqDriverOptions, connections: Set<JobsRedis>): Promise<BullmqRuntime> {
  const { redis, prefix, timeoutMs, lockMs } = options
  const { bullmq, ioredis } = await load()
  const retryStrategy = (times: number): number => Math.min(times * 100, 1000)
  const connect = (more: Record<string, unknown>): JobsRedis & RedisLike => {
    const settings = { maxRetriesPerRequest: null, retryStrategy, keyPrefix: '', ...more }
    const made = typeof redis === 'string' ? new ioredis.Redis(redis, settings) : redis.duplicate(settings)
    return follow(made as JobsRedis & RedisLike, connections)
  }
  const producer = connect({ enableOfflineQueue: false })
  const guard = createRedisGuard(producer, { name: 'jobs', timeout: timeoutMs })
  return {
    bullmq,
    producer,
    worker: connect({}),
    guard,
    prefix: `${prefix}:jobs:v1`,
    lockMs,
    async ask(queue, fn) {
      try {
        return await guard.run(fn)
      } catch (cause) {
        throw new JobsUnavailableError(queue, cause)
      }
    },
  }
}

/** Remembers a connection and whatever BullMQ duplicates from it, so that all can be ended. */
function follow<Client extends JobsRedis & RedisLike>(client: Client, connections: Set<JobsRedis>): Client {
  connections.add(client)
  client.on('error', () => undefined)
  const duplicate = client.duplicate.bind(client) as (options?: Record<string, unknown>) => Client
  client.duplicate = ((options?: Record<string, unknown>) => follow(duplicate(options), connections)) as never
  return client
}

async function load(): Promise<{ bullmq: typeof import('bullmq'); ioredis: Pick<typeof import('ioredis'), 'Redis'> }> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, ioredis }
  } catch (cause) {
    throw new JobsPeerMissingError('Jobs in Redis need BullMQ and ioredis', ['bullmq', 'ioredis'], cause)
  }
}
