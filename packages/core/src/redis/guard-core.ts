import type { Clock } from '../clock.js'
import { durationOption, type Duration } from '../duration.js'
import { Announcer, type RedisGuardListener } from './announcer.js'
import { Breaker, refused } from './breaker.js'
import { Call } from './call.js'
import { isRedisReady, wakeRedis, type RedisArgument, type RedisLike } from './client.js'
import { RunCommands, type RedisCommands } from './commands.js'
import { Deadlines } from '../deadlines.js'
import { RedisUnavailableError, type RedisUnavailableReason } from './errors.js'
import type { ResolvedRedisGuardOptions } from './guard-options.js'
import type { RedisGuard } from './redis-guard.js'
import { isMistake, isRefusal, replyCode, withoutArguments } from './reply.js'
import type { RedisScript } from './script.js'
import { senderOf, type Sender, type SentCommand } from './send.js'
import { lastRedisError, watchRedis } from './watch.js'

/** What `createRedisGuard` makes. */
export class Guard implements RedisGuard {
  readonly name: string
  reason: RedisUnavailableReason | undefined
  readonly #client: RedisLike
  readonly #send: Sender
  readonly #timeoutMs: number
  readonly #probeMs: number
  readonly #clock: Clock
  readonly #breaker: Breaker
  readonly #deadlines: Deadlines<Call>
  readonly #announcer: Announcer
  readonly #unwatch: () => void
  #wasReady: boolean
  #isClosed = false
  #probeTimer: unknown
  #ping: { sent: SentCommand; at: number } | undefined
  #pingFailed = false

  constructor(client: RedisLike, options: ResolvedRedisGuardOptions) {
    this.name = options.name
    this.#announcer = new Announcer(options.name)
    this.#client = client
    this.#send = senderOf(client)
    this.#timeoutMs = options.timeoutMs
    this.#probeMs = options.probeMs
    this.#clock = options.clock
    this.#breaker = new Breaker(options.failures, options.openMs, options.maxOpenMs, options.clock)
    this.#deadlines = new Deadlines(options.clock, (call) => this.#expire(call))
    this.#wasReady = isRedisReady(client)
    this.reason = this.#wasReady ? undefined : 'absent'
    this.#unwatch = watchRedis(client, { up: () => this.#up(), down: () => this.#down() })
    // A client that is still connecting is not announced as degraded before it had the time of one probe.
    if (!this.#wasReady) this.#scheduleProbe()
  }

  get state(): 'up' | 'degraded' {
    return this.reason === undefined ? 'up' : 'degraded'
  }

  get available(): boolean {
    return !this.#isClosed && this.#client.status === 'ready' && (this.#breaker.isClosed || this.#breaker.wouldAllow)
  }

  script<T>(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<T> {
    return this.#run(script, keys, args, false)
  }

  scriptBuffer<T>(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<T> {
    return this.#run(script, keys, args, true)
  }

  command<T>(command: string, ...args: RedisArgument[]): Promise<T> {
    return this.#start(command, args, false)
  }

  commandBuffer<T>(command: string, ...args: RedisArgument[]): Promise<T> {
    return this.#start(command, args, true)
  }

  run<T>(fn: (redis: RedisCommands) => T | Promise<T>, options: { timeout?: Duration } = {}): Promise<T> {
    const { timeout = this.#timeoutMs } = options
    const timeoutMs = timeout === this.#timeoutMs ? timeout : durationOption('run', 'timeout', timeout, { min: 1 })
    const ticket = this.#begin()
    if (ticket === refused) return Promise.reject(this.#refusal())
    return new Promise<T>((resolve, reject) => {
      const call = new Call(ticket, resolve, reject)
      const commands = new RunCommands(this.#send, this.name)
      call.sent = call.commands = commands
      this.#deadlines.add(call, timeoutMs)
      try {
        this.#follow(call, Promise.resolve(fn(commands)))
      } catch (error) {
        this.#fail(call, error)
      }
    })
  }

  on(event: 'degraded' | 'recovered', listener: RedisGuardListener): this {
    this.#announcer.on(event, listener)
    return this
  }

  off(event: 'degraded' | 'recovered', listener: RedisGuardListener): this {
    this.#announcer.off(event, listener)
    return this
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.reason ??= 'not-ready'
    this.#unwatch()
    this.#clock.clearTimeout(this.#probeTimer)
    this.#dropPing()
    this.#dropCalls('not-ready')
    this.#deadlines.close()
    this.#announcer.close()
  }

  #run<T>(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[], asBuffer: boolean): Promise<T> {
    if (keys.length !== script.keys) {
      return Promise.reject(new TypeError(`script ${script.name} takes ${script.keys} keys, got ${keys.length}`))
    }
    const line: RedisArgument[] = [script.sha1, keys.length, ...keys, ...args]
    return this.#start('evalsha', line, asBuffer, script.lua)
  }

  #start<T>(command: string, args: RedisArgument[], asBuffer: boolean, lua?: string): Promise<T> {
    const ticket = this.#begin()
    if (ticket === refused) return Promise.reject(this.#refusal())
    return new Promise<T>((resolve, reject) => {
      const call = new Call(ticket, resolve, reject)
      let sent: SentCommand
      try {
        sent = this.#send(command, args, asBuffer)
      } catch (error) {
        // The client refused the arguments.
        this.#breaker.release(ticket)
        reject(error)
        return
      }
      if (lua !== undefined) {
        args[0] = lua
        call.fallback = args
        call.asBuffer = asBuffer
      }
      call.sent = sent
      this.#deadlines.add(call, this.#timeoutMs)
      this.#follow(call, sent.promise)
    })
  }

  #begin(): number {
    if (this.#isClosed || this.#client.status !== 'ready') return refused
    return this.#breaker.begin()
  }

  #refusal(): RedisUnavailableError {
    if (!this.#isClosed && isRedisReady(this.#client)) return new RedisUnavailableError(this.name, 'breaker-open')
    if (this.#client.status === 'wait' && !this.#isClosed) wakeRedis(this.#client)
    const reason = this.#wasReady ? 'not-ready' : 'absent'
    return new RedisUnavailableError(this.name, reason, { cause: lastRedisError(this.#client) })
  }

  #follow(call: Call, promise: Promise<unknown>): void {
    promise.then(
      (value) => this.#succeed(call, value),
      (error: unknown) => this.#fail(call, error),
    )
  }

  #succeed(call: Call, value: unknown): void {
    if (!this.#settle(call)) return
    // A function that gets over a lost command has a value, but it does not show that the server is well.
    if (call.commands?.hasFailed === true) this.#breaker.release(call.ticket)
    else this.#breaker.succeed(call.ticket)
    if (this.reason !== undefined) this.#review()
    call.resolve(value as never)
  }

  #fail(call: Call, error: unknown): void {
    if (call.isSettled) return
    const code = replyCode(error)
    if (code === 'NOSCRIPT' && call.fallback !== undefined) {
      const args = call.fallback
      call.fallback = undefined
      const sent = this.#send('eval', args, call.asBuffer)
      call.sent = sent
      this.#follow(call, sent.promise)
      return
    }
    this.#settle(call)
    withoutArguments(error)
    const isOurs = call.commands === undefined ? isMistake(error) : !call.commands.hasLost(error)
    if (code === undefined ? isOurs : !isRefusal(code)) {
      // A server that says what is wrong with the command is alive.
      if (code === undefined) this.#breaker.release(call.ticket)
      else this.#breaker.succeed(call.ticket)
      if (this.reason !== undefined) this.#review()
      call.reject(error)
      return
    }
    this.#breaker.fail(call.ticket)
    this.#review()
    const reason = code === undefined ? 'connection' : 'not-ready'
    call.reject(new RedisUnavailableError(this.name, reason, { cause: error }))
  }

  #expire(call: Call): void {
    if (!this.#settle(call)) return
    call.sent?.abandon()
    this.#breaker.fail(call.ticket)
    this.#review()
    call.reject(new RedisUnavailableError(this.name, 'timeout'))
  }

  #settle(call: Call): boolean {
    if (call.isSettled) return false
    call.isSettled = true
    this.#deadlines.remove(call)
    return true
  }

  #dropCalls(reason: RedisUnavailableReason): void {
    for (const call of this.#deadlines.drain()) {
      call.isSettled = true
      call.sent?.abandon()
      this.#breaker.release(call.ticket)
      call.reject(new RedisUnavailableError(this.name, reason, { cause: lastRedisError(this.#client) }))
    }
  }

  #down(): void {
    this.#dropPing()
    this.#dropCalls('connection')
    this.#review()
  }

  #up(): void {
    this.#wasReady = true
    this.#dropPing()
    // To be ready, a client has had an answer of the server.
    this.#breaker.closeOnTrial()
    this.#review()
  }

  /** Works out the state anew, and tells about it if it has changed. */
  #review(): void {
    if (this.#isClosed) return
    const before = this.reason
    this.reason = this.#currentReason()
    if (this.reason === undefined) {
      if (before !== undefined) this.#announce()
      return
    }
    if (before === undefined) this.#announce()
    if (this.reason === 'breaker-open' && before !== 'breaker-open') {
      this.#sendPing()
      // Counted from here, so that by the first probe the first time of the breaker is over too.
      this.#clock.clearTimeout(this.#probeTimer)
      this.#probeTimer = undefined
    }
    this.#scheduleProbe()
  }

  #currentReason(): RedisUnavailableReason | undefined {
    if (!isRedisReady(this.#client)) return this.#wasReady ? 'not-ready' : 'absent'
    return this.#breaker.isClosed ? undefined : 'breaker-open'
  }

  #announce(): void {
    this.#announcer.tell(this.reason)
  }

  #scheduleProbe(): void {
    this.#probeTimer ??= this.#clock.setTimeout(() => {
      this.#probeTimer = undefined
      this.#probe()
    }, this.#probeMs)
  }

  #probe(): void {
    this.#review()
    if (this.reason === undefined) return
    this.#scheduleProbe()
    // A lazy client is connected by its first use, and not missed before.
    if (this.#client.status === 'wait') return
    this.#announce()
    if (isRedisReady(this.#client)) this.#sendPing()
    else wakeRedis(this.#client)
  }

  /** Never a second one while the first is not answered: a frozen server answers it the moment it goes on. */
  #sendPing(): void {
    if (this.#ping !== undefined) return
    const ping = { sent: this.#send('ping', [], false), at: this.#clock.monotonic() }
    this.#ping = ping
    ping.sent.promise.then(
      () => this.#pong(ping, true),
      () => this.#pong(ping, false),
    )
  }

  #pong(ping: { at: number }, isAnswered: boolean): void {
    if (this.#ping !== ping) return
    this.#ping = undefined
    const wasSilent = this.#pingFailed || this.#clock.monotonic() - ping.at > this.#timeoutMs
    this.#pingFailed = !isAnswered
    if (!isAnswered) return
    // A server that answered PING all the time fails for another reason: then the breaker's own time counts.
    if (!wasSilent && !this.#breaker.wouldAllow) return
    this.#breaker.closeOnTrial()
    this.#review()
  }

  #dropPing(): void {
    this.#ping?.sent.abandon()
    this.#ping = undefined
    this.#pingFailed = false
  }
}
