import { ConfigError, createRedisGuard, RedisUnavailableError, type RedisGuard } from '@hardening/core'
import type { JobsDriver } from '../driver.js'
import { JobsPeerMissingError, JobsUnavailableError } from '../errors.js'
import { BullmqQueue } from './bullmq-queue.js'
import { Connections, duplicateOf, type JobsClient, type JobsRedis } from './connections.js'

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
  readonly producer: JobsClient
  readonly worker: JobsClient
  readonly guard: RedisGuard
  readonly prefix: string
  readonly lockMs: number
  /** Runs `fn` unless Redis is out of reach, and not for long. @throws JobsUnavailableError */
  ask<T>(queue: string, fn: () => Promise<T>): Promise<T>
}

/** Keeps jobs in Redis by BullMQ. */
export function createBullmqDriver(options: BullmqDriverOptions): JobsDriver {
  const connections = new Connections()
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
      const opened = await runtime.catch(() => undefined)
      if (opened === undefined) return
      const closed = Promise.allSettled(queues.map((queue) => queue.close()))
      // Without a connection nothing can be handed back any more; with one, a frozen server may still hang.
      const { worker, guard } = opened
      const lost = new Promise<void>((resolve) => worker.on('close', () => resolve()))
      const isOrderly = worker.status === 'ready'
      if (isOrderly) await within(Promise.race([closed, lost]), withinMs * 0.75)
      guard.close()
      connections.end()
      // What BullMQ waited for has ended now, so that it comes to the end of its own timers.
      await within(closed, withinMs * (isOrderly ? 0.25 : 1))
    },
  }
}

async function open(options: BullmqDriverOptions, connections: Connections): Promise<BullmqRuntime> {
  const { redis, prefix, timeoutMs, lockMs } = options
  const { bullmq, ioredis } = await load()
  const retryStrategy = (times: number): number => Math.min(times * 100, 1000)
  const connect = (enableOfflineQueue: boolean): JobsClient => {
    const settings = { enableOfflineQueue, retryStrategy, maxRetriesPerRequest: null, disconnectTimeout: 100 }
    if (typeof redis !== 'string') return connections.follow(duplicateOf(redis, settings))
    return connections.follow(new ioredis.Redis(redis, settings) as unknown as JobsClient)
  }
  const producer = connect(false)
  const guard = createRedisGuard(producer, { name: 'jobs', timeout: timeoutMs })
  return {
    bullmq,
    producer,
    worker: connect(true),
    guard,
    prefix: `${prefix}:jobs:v1`,
    lockMs,
    async ask(queue, fn) {
      try {
        return await guard.run(fn)
      } catch (error) {
        if (error instanceof RedisUnavailableError || isLost(error, producer.status))
          throw new JobsUnavailableError(queue, error)
        if (!isMoved(error)) throw error
        const accepted = 'a `Cluster` of ioredis, because the server belongs to a cluster'
        throw new ConfigError('createJobs', 'redis', accepted, 'a client of one server')
      }
    },
  }
}

/** The connection ended under a command: BullMQ hands on what the client says of it. */
function isLost(error: unknown, status: string): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNREFUSED') return true
  if (message === 'Connection is closed.' || String(message).startsWith("Stream isn't writeable")) return true
  return status !== 'ready' && (error as Partial<Error> | undefined)?.name !== 'ReplyError'
}

/** A server of a cluster has been asked for what lies on another one (Redis Cluster specification, MOVED redirection). */
function isMoved(error: unknown): boolean {
  return String((error as Partial<Error> | undefined)?.message).startsWith('MOVED ')
}

async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, ms)))])
  clearTimeout(timer)
}

async function load(): Promise<{ bullmq: typeof import('bullmq'); ioredis: Pick<typeof import('ioredis'), 'Redis'> }> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, ioredis }
  } catch (cause) {
    throw new JobsPeerMissingError('Jobs in Redis need BullMQ and ioredis', ['bullmq', 'ioredis'], cause)
  }
}
