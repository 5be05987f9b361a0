import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild, type Child } from './child.js'
import { findBinary } from './find-binary.js'
import { freePort } from './free-port.js'
import { redisCommand, type Reply } from './resp.js'
import { until } from './until.js'

export interface RedisServerOptions {
  /** The port to listen on. @defaultValue a free one */
  port?: number
  /** More arguments of `redis-server`, for example `['--maxmemory', '1mb']`. @defaultValue [] */
  args?: readonly string[]
  /** False leaves it stopped: for a server that is down at the start and comes up by `restart()`. @defaultValue true */
  start?: boolean
}

/** Path of the `redis-server` that tests use: `TEST_REDIS_SERVER`, else the one on PATH. */
export function redisBinary(): string | undefined {
  return findBinary('redis-server', 'TEST_REDIS_SERVER')
}

/** A real Redis of the test's own, on loopback, without persistence, that can be broken in the ways servers break. */
export class RedisServer {
  readonly port: number
  readonly url: string
  readonly #folder: string
  readonly #args: readonly string[]
  #child: Child | undefined

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port
    this.url = `redis://127.0.0.1:${port}`
    this.#folder = folder
    this.#args = args
  }

  /** Starts a server and resolves when it answers PING. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const { args = [], start = true } = options
    for (let attempt = 1; ; attempt++) {
      const port = options.port ?? (await freePort())
      const server = new RedisServer(port, await mkdtemp(join(tmpdir(), 'hardening-redis-')), args)
      if (!start) return server
      try {
        await server.restart()
        return server
      } catch (error) {
        await server.stop()
        // Between finding a free port and using it, another process may have taken it.
        if (options.port !== undefined || attempt === 5) throw error
      }
    }
  }

  get running(): boolean {
    return this.#child?.running ?? false
  }

  /** Sends a command over a raw socket, past the client under test. */
  command(...args: (string | number)[]): Promise<Reply> {
    return redisCommand(this.port, ...args)
  }

  /** SIGKILL: connections break at once, data and scripts are gone. */
  async kill(): Promise<void> {
    this.#child?.signal('SIGKILL')
    await this.#child?.ended()
  }

  /** SIGSTOP: connections stay open and nothing is answered. */
  freeze(): void {
    this.#child?.signal('SIGSTOP')
  }

  /** SIGCONT: goes on where `freeze()` stopped it; what was sent meanwhile is carried out. */
  thaw(): void {
    this.#child?.signal('SIGCONT')
  }

  /** Starts it (again, after killing it if it runs) on the same port, empty; resolves when it answers PING. */
  async restart(): Promise<void> {
    await this.kill()
    const binary = redisBinary()
    if (binary === undefined) throw new Error('redis-server not found: install Redis or set TEST_REDIS_SERVER')
    const base = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    const child = startChild(binary, [...base, '--dir', this.#folder, ...this.#args], this.#folder)
    this.#child = child
    await child.waitFor(/ready to accept connections/i)
    await until(() => this.command('PING').then((reply) => reply === 'PONG'), { what: `Redis on port ${this.port}` })
  }

  /** Ends it for good and removes its folder. */
  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** Starts a real Redis on a free port: see {@link RedisServer}. */
export function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  return RedisServer.start(options)
}
