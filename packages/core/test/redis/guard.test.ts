import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { FakeClock, flush } from '@hardening/test-utils'
import { channels, type RedisStateMessage } from '../../src/channels.js'
import type { Clock } from '../../src/clock.js'
import { isHttpError } from '../../src/errors.js'
import { createRedisGuard } from '../../src/redis/guard.js'
import type { RedisGuard } from '../../src/redis/redis-guard.js'
import type { RedisGuardEvent } from '../../src/redis/announcer.js'
import type { RedisGuardOptions } from '../../src/redis/guard-options.js'
import { FakeRedis, replyError } from './fake-redis.js'

let client: FakeRedis
let clock: FakeClock
let guard: RedisGuard
const guards: RedisGuard[] = []

function make(options: RedisGuardOptions = {}): RedisGuard {
  guard = createRedisGuard(client, { clock: clock satisfies Clock, ...options })
  guards.push(guard)
  return guard
}

/** What a call came to: its value, or the reason of its refusal. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    return (error as { reason?: string }).reason ?? error
  }
}

/** As many calls in a row as it takes, each of which gets no answer in time. */
async function timeOut(times: number): Promise<void> {
  for (let round = 0; round < times; round++) {
    const call = outcome(guard.command('get', 'k'))
    await clock.advance(150)
    expect(await call).toBe('timeout')
  }
}

beforeEach(() => {
  client = new FakeRedis()
  clock = new FakeClock()
})
afterEach(() => {
  for (const each of guards.splice(0)) each.close()
  expect(clock.pending).toBe(0)
  expect(client.eventNames()).toEqual([])
})

describe('the ready check', () => {
  it('[CO-5] passes replies through while the client is ready', async () => {
    make()
    client.answer = (command, args) => [command, ...args]
    expect(guard.available).toBe(true)
    expect(await guard.command('get', 'k')).toEqual(['get', 'k'])
    expect(await guard.commandBuffer('get', 'b')).toEqual(['get', 'b'])
    expect(await guard.run(async (redis) => [await redis.call('a'), await redis.callBuffer('b', 1)])).toEqual([
      ['a'],
      ['b', 1],
    ])
  })

  it('[CO-5] refuses at once and sends nothing while the client was never ready', async () => {
    client.status = 'connecting'
    make()
    expect(guard.available).toBe(false)
    expect(await outcome(guard.command('get', 'k'))).toBe('absent')
    expect(await outcome(guard.run(() => 1))).toBe('absent')
    expect(client.seen).toEqual([])
  })

  it('[CO-5] refuses at once and sends nothing after the connection was lost, with its error as cause', async () => {
    make()
    const cause = new Error('read ECONNRESET')
    client.drop(cause)
    expect(guard.available).toBe(false)
    const call = guard.command('get', 'k')
    await expect(call).rejects.toMatchObject({ reason: 'not-ready', cause })
    expect(client.seen).toEqual([])
  })

  it('[CO-5] goes on when the client is ready again, and carries out nothing of before', async () => {
    make()
    client.answer = () => 'OK'
    client.drop()
    expect(await outcome(guard.command('incr', 'k'))).toBe('not-ready')
    client.ready()
    expect(await guard.command('get', 'k')).toBe('OK')
    expect(client.seen).toEqual(['get'])
  })

  it('[CO-5] connects a lazy client at its first use, not before', async () => {
    client.status = 'wait'
    make()
    await clock.advance(5000)
    expect(client.connects).toBe(0)
    expect(await outcome(guard.command('get', 'k'))).toBe('absent')
    expect(client.connects).toBe(1)
  })
})

describe('its error', () => {
  it('[CO-5] is an HttpError 503 with code, reason and the name of the guard, and hides its detail', async () => {
    make({ name: 'requests' })
    client.drop()
    const error = await guard.command('get', 'k').catch((thrown: unknown) => thrown)
    expect(isHttpError(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'ERR_REDIS_UNAVAILABLE',
      status: 503,
      expose: false,
      message: 'Redis (requests) is not ready',
    })
  })

  it('[CO-5] carries no arguments of the command', async () => {
    make()
    const reply = Object.assign(replyError('OOM command not allowed'), { command: { name: 'set', args: ['k', 'pin'] } })
    client.answer = () => reply
    const error = await guard.command('set', 'k', 'pin').catch((thrown: unknown) => thrown)
    expect((error as Error).cause).toBe(reply)
    expect(reply.command).toEqual({ name: 'set' })
  })
})

describe('the time-out', () => {
  it('[CO-5] gives up after 150 ms by default', async () => {
    make()
    let result: unknown
    void outcome(guard.command('get', 'k')).then((value) => (result = value))
    await clock.advance(149)
    expect(result).toBeUndefined()
    await clock.advance(1)
    expect(result).toBe('timeout')
  })

  it('[CO-5] is set by option, and by call for run', async () => {
    make({ timeout: '20ms' })
    const short = outcome(guard.command('get', 'k'))
    const long = outcome(guard.run((redis) => redis.call('scan'), { timeout: '1s' }))
    await clock.advance(20)
    expect(await short).toBe('timeout')
    await clock.advance(979)
    client.pending[1]?.resolve('late but allowed')
    expect(await long).toBe('late but allowed')
  })

  it('[CO-5] ends each call at its own time, with one timer for all', async () => {
    make()
    const ended: number[] = []
    for (const index of [0, 1, 2]) {
      void outcome(guard.command('get', index)).then(() => ended.push(index))
      await clock.advance(50)
    }
    expect(clock.pending).toBe(1)
    expect(ended).toEqual([0])
    await clock.advance(50)
    expect(ended).toEqual([0, 1])
    await clock.advance(50)
    expect(ended).toEqual([0, 1, 2])
  })

  it('[CO-5] ignores a late reply and a late error', async () => {
    make()
    const calls = [outcome(guard.command('get', 'a')), outcome(guard.command('get', 'b'))]
    await clock.advance(150)
    expect(await Promise.all(calls)).toEqual(['timeout', 'timeout'])
    client.pending[0]?.resolve('late')
    client.pending[1]?.reject(new Error('late'))
    await flush()
  })

  it('[CO-5] lets a reply in that came while this process was busy', async () => {
    // After a long pause of a real process the timer is due first, and the socket is read right after it.
    const paused: Clock = {
      now: clock.now,
      monotonic: clock.monotonic,
      clearTimeout: clock.clearTimeout,
      setTimeout: (run, ms) =>
        clock.setTimeout(() => {
          run()
          client.pending[0]?.resolve('in time')
        }, ms),
    }
    make({ clock: paused })
    const call = outcome(guard.command('get', 'k'))
    await clock.advance(150)
    expect(await call).toBe('in time')
  })

  it('[CO-5] keeps a function from sending anything after it', async () => {
    make()
    let lateCall: Promise<unknown> | undefined
    const call = outcome(
      guard.run(async (redis) => {
        await redis.call('get', 'k')
        lateCall = outcome(redis.call('incr', 'k'))
        return lateCall
      }),
    )
    await clock.advance(150)
    expect(await call).toBe('timeout')
    client.pending[0]?.resolve(1)
    await flush()
    expect(await lateCall).toBe('timeout')
    expect(client.seen).toEqual(['get'])
  })

  it('[CO-5] leaves no unhandled rejection of a function that sends two and waits for one', async () => {
    make()
    client.answer = () => new Error('Connection is closed.')
    const call = outcome(
      guard.run(async (redis) => {
        const first = redis.call('a')
        const second = redis.call('b')
        return [await first, await second]
      }),
    )
    expect(await call).toBe('connection')
    await flush()
  })
})

describe('a lost connection', () => {
  it('[CO-5] ends what is on the way at once', async () => {
    make()
    const calls = [outcome(guard.command('get', 'a')), outcome(guard.run((redis) => redis.call('get', 'b')))]
    client.drop()
    expect(await Promise.all(calls)).toEqual(['connection', 'connection'])
  })

  it('[CO-5] is told by the error of a single command too, as with one node of a cluster', async () => {
    make()
    const cause = new Error('Connection is closed.')
    client.answer = () => cause
    await expect(guard.command('get', 'k')).rejects.toMatchObject({ reason: 'connection', cause })
  })
})

describe('the breaker', () => {
  it('[CO-5] opens after five failures in a row and refuses at once', async () => {
    make()
    await timeOut(4)
    expect(guard.available).toBe(true)
    await timeOut(1)
    expect(guard.available).toBe(false)
    expect(await outcome(guard.command('get', 'k'))).toBe('breaker-open')
    expect(client.count('get')).toBe(5)
  })

  it('[CO-5] opens after as many failures as the option says', async () => {
    make({ breaker: { failures: 2 } })
    await timeOut(2)
    expect(guard.available).toBe(false)
  })

  it('[CO-5] starts to count again after a success', async () => {
    make()
    await timeOut(4)
    const call = guard.command('get', 'k')
    client.pending.at(-1)?.resolve('OK')
    await call
    await timeOut(4)
    expect(guard.available).toBe(true)
  })

  it('[CO-5] lets exactly one probe through when its time is over, and refuses the others', async () => {
    make({ probeEvery: '1h' })
    await timeOut(5)
    await clock.advance(999)
    expect(guard.available).toBe(false)
    await clock.advance(1)
    expect(guard.available).toBe(true)
    const probe = outcome(guard.command('get', 'probe'))
    expect(guard.available).toBe(false)
    expect(await outcome(guard.command('get', 'other'))).toBe('breaker-open')
    client.pending.at(-1)?.resolve('back')
    expect(await probe).toBe('back')
    expect(guard.available).toBe(true)
    expect(guard.state).toBe('up')
  })

  it('[CO-5] is open for 1, 2, 4, 8, 16, then 30 s while probes fail, and for 1 s again after a success', async () => {
    make({ probeEvery: '1h' })
    await timeOut(5)
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      await clock.advance(seconds * 1000 - 1)
      expect(guard.available).toBe(false)
      await clock.advance(1)
      expect(guard.available).toBe(true)
      await timeOut(1)
    }
    await clock.advance(30_000)
    const probe = guard.command('get', 'k')
    client.pending.at(-1)?.resolve('OK')
    await probe
    await timeOut(5)
    await clock.advance(999)
    expect(guard.available).toBe(false)
    await clock.advance(1)
    expect(guard.available).toBe(true)
  })

  it('[CO-5] takes its times from the option', async () => {
    make({ probeEvery: '1h', breaker: { failures: 1, openFor: ['100ms', '150ms'] } })
    await timeOut(1)
    await clock.advance(100)
    expect(guard.available).toBe(true)
    await timeOut(1)
    await clock.advance(149)
    expect(guard.available).toBe(false)
    await clock.advance(1)
    expect(guard.available).toBe(true)
  })

  it.each(['WRONGTYPE Operation against a key', 'ERR wrong number of arguments', 'NOAUTH Authentication required.'])(
    '[CO-5] takes a living server that says %s for alive',
    async (message) => {
      make({ breaker: { failures: 1 } })
      client.answer = () => replyError(message)
      await expect(guard.command('get', 'k')).rejects.toThrow(message)
      expect(guard.available).toBe(true)
    },
  )

  it('[CO-5] ends a row of failures at such a reply', async () => {
    make()
    await timeOut(4)
    client.answer = () => replyError('WRONGTYPE Operation against a key')
    await expect(guard.command('get', 'k')).rejects.toThrow('WRONGTYPE')
    client.answer = undefined
    await timeOut(4)
    expect(guard.available).toBe(true)
  })

  it.each(['LOADING', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'BUSY', 'MISCONF', 'OOM'])(
    '[CO-5] takes %s for a failure, and gives the reply as cause',
    async (code) => {
      make()
      const reply = replyError(`${code} not now`)
      client.answer = (command) => (command === 'ping' ? undefined : reply)
      for (let round = 0; round < 5; round++) {
        await expect(guard.command('get', 'k')).rejects.toMatchObject({ reason: 'not-ready', cause: reply })
      }
      expect(guard.available).toBe(false)
    },
  )

  it('[CO-5] does not count a mistake of the caller, or of the function that it runs', async () => {
    make({ breaker: { failures: 1 } })
    client.answer = () => new TypeError('Invalid argument type')
    await expect(guard.command('get', 'k')).rejects.toThrow('Invalid argument type')
    const own = new Error('own')
    expect(await outcome(guard.run(() => Promise.reject(own)))).toBe(own)
    expect(
      await outcome(
        guard.run(() => {
          throw own
        }),
      ),
    ).toBe(own)
    expect(guard.available).toBe(true)
  })

  it('[CO-5] gives the probe back when the function fails for a reason of its own', async () => {
    make({ probeEvery: '1h', breaker: { failures: 1 } })
    await timeOut(1)
    await clock.advance(1000)
    const own = new Error('own')
    expect(await outcome(guard.run(() => Promise.reject(own)))).toBe(own)
    expect(guard.available).toBe(true)
    expect(guard.state).toBe('degraded')
  })

  it('[CO-5] does not take a function that swallows a lost command for a success', async () => {
    make({ probeEvery: '1h', breaker: { failures: 1 } })
    await timeOut(1)
    await clock.advance(1000)
    client.answer = () => new Error('Connection is closed.')
    expect(await guard.run((redis) => redis.call('get', 'k').catch(() => 'default'))).toBe('default')
    expect(guard.state).toBe('degraded')
  })

  it('[CO-5] does not count verdicts of before it opened', async () => {
    make({ probeEvery: '1h' })
    const slow = outcome(guard.run((redis) => redis.call('get', 'slow'), { timeout: '10s' }))
    await timeOut(5)
    client.pending[0]?.resolve('old news')
    expect(await slow).toBe('old news')
    expect(guard.available).toBe(false)
  })
})

describe('looking for a Redis that is out of reach', () => {
  it('[CO-5] finds a frozen server the moment it goes on, without traffic', async () => {
    make()
    await timeOut(5)
    expect(client.count('ping')).toBe(1)
    await clock.advance(60_000)
    expect(guard.state).toBe('degraded')
    client.pending.at(-1)?.resolve('PONG')
    await flush()
    expect(guard.state).toBe('up')
    expect(guard.available).toBe(true)
  })

  it('[CO-5] has one PING on the way, however long it is not answered', async () => {
    make()
    await timeOut(5)
    await clock.advance(60_000)
    expect(client.count('ping')).toBe(1)
  })

  it('[CO-5] asks again every second while the answer is an error', async () => {
    make()
    await timeOut(5)
    client.answer = () => replyError('LOADING Redis is loading the dataset in memory')
    client.pending.at(-1)?.reject(replyError('LOADING Redis is loading the dataset in memory'))
    await clock.advance(3000)
    expect(client.count('ping')).toBe(4)
    expect(guard.state).toBe('degraded')
    client.answer = () => 'PONG'
    await clock.advance(1000)
    expect(guard.state).toBe('up')
  })

  it('[CO-5] opens again at the first failure after a PING has closed it, for longer', async () => {
    make()
    await timeOut(5)
    client.pending.at(-1)?.resolve('PONG')
    await flush()
    // Answered at once: the server was never silent to PING, so the time of the breaker counts.
    expect(guard.available).toBe(false)
    client.answer = (command) => (command === 'ping' ? 'PONG' : undefined)
    await clock.advance(1000)
    expect(guard.state).toBe('up')
    await timeOut(1)
    expect(guard.available).toBe(false)
    await clock.advance(1850)
    expect(guard.available).toBe(false)
    await clock.advance(1000)
    expect(guard.state).toBe('up')
  })

  it('[CO-5] trusts a new connection at once, and the first failure on it opens the breaker again', async () => {
    make()
    await timeOut(5)
    client.drop()
    client.ready()
    expect(guard.available).toBe(true)
    await timeOut(1)
    expect(guard.available).toBe(false)
  })

  it('[CO-5] takes over the pending attempt of a client that waits long for its next one', async () => {
    make()
    const attempt: NodeJS.Timeout | null = setTimeout(() => undefined, 60_000).unref()
    const waiting: { reconnectTimeout?: NodeJS.Timeout | null } = Object.assign(client, { reconnectTimeout: attempt })
    client.drop()
    await clock.advance(1000)
    expect(client.connects).toBe(1)
    expect(waiting.reconnectTimeout).toBeNull()
    await clock.advance(1000)
    expect(client.connects).toBe(1)
  })

  it('[CO-5] has no timer while Redis is up', async () => {
    make()
    client.answer = () => 'OK'
    await guard.command('get', 'k')
    await clock.advance(1000)
    expect(clock.pending).toBe(0)
  })
})

describe('events', () => {
  let events: RedisGuardEvent[]
  let published: RedisStateMessage[]
  const record = (event: RedisGuardEvent): void => void events.push(event)
  const recordMessage = (message: RedisStateMessage): void => void published.push(message)
  beforeEach(() => {
    events = []
    published = []
    channels.redisState.subscribe(recordMessage)
  })
  afterEach(() => {
    channels.redisState.unsubscribe(recordMessage)
  })

  it('[CO-5] tells degraded and recovered once each, to listeners and on the channel', async () => {
    make({ name: 'tokens' }).on('degraded', record).on('recovered', record)
    client.drop()
    client.drop()
    client.ready()
    client.ready()
    const expected = [
      { name: 'tokens', state: 'degraded', reason: 'not-ready' },
      { name: 'tokens', state: 'up' },
    ]
    expect(events).toEqual(expected)
    expect(published).toEqual(expected)
  })

  it('[CO-5] tells degraded with reason breaker-open, and has it as state', async () => {
    make().on('degraded', record)
    await timeOut(5)
    expect(events).toEqual([{ name: 'redis', state: 'degraded', reason: 'breaker-open' }])
    expect([guard.state, guard.reason]).toEqual(['degraded', 'breaker-open'])
  })

  it('[CO-5] tells nothing of a client that connects within a second of the start', async () => {
    client.status = 'connecting'
    make().on('degraded', record).on('recovered', record)
    expect([guard.state, guard.reason]).toEqual(['degraded', 'absent'])
    await clock.advance(999)
    client.ready()
    expect(guard.state).toBe('up')
    expect(events).toEqual([])
  })

  it('[CO-5] tells that Redis is absent when it is not there a second after the start', async () => {
    client.status = 'connecting'
    make().on('degraded', record).on('recovered', record)
    await clock.advance(1000)
    expect(events).toEqual([{ name: 'redis', state: 'degraded', reason: 'absent' }])
    client.ready()
    expect(events.at(-1)).toEqual({ name: 'redis', state: 'up' })
  })

  it('[CO-5] tells nothing to a listener that was taken off', () => {
    make().on('degraded', record).off('degraded', record)
    client.drop()
    expect(events).toEqual([])
  })
})

describe('its listeners and timers', () => {
  it('[CO-5] is one error listener on the client, however many guards share it, gone with the last guard', () => {
    const first = make()
    const second = make()
    make()
    expect(client.listenerCount('error')).toBe(1)
    expect(client.listenerCount('ready')).toBe(1)
    first.close()
    second.close()
    expect(client.listenerCount('error')).toBe(1)
    guard.close()
    expect(client.eventNames()).toEqual([])
  })

  it('[CO-5] keeps an error of the client from ending the process', () => {
    make()
    expect(() => client.emit('error', new Error('connect ECONNREFUSED'))).not.toThrow()
  })

  it('[CO-5] leaves listeners of the application alone', () => {
    const own = (): void => undefined
    client.on('error', own)
    make().close()
    expect(client.listeners('error')).toEqual([own])
    client.off('error', own)
  })

  it('[CO-5] refuses what is on the way and what comes after close, and leaves the client open', async () => {
    make()
    const pending = outcome(guard.command('get', 'k'))
    guard.close()
    guard.close()
    expect(await pending).toBe('not-ready')
    expect(await outcome(guard.command('get', 'k'))).toBe('not-ready')
    expect(guard.available).toBe(false)
    expect(client.status).toBe('ready')
    expect(clock.pending).toBe(0)
  })
})

describe('its options', () => {
  it('[CO-5] takes undefined for omitted', () => {
    const omitted = { name: undefined, timeout: undefined, breaker: { failures: undefined, openFor: undefined } }
    expect(make({ ...omitted, probeEvery: undefined } as never).name).toBe('redis')
  })

  it.each([
    ['name', { name: '' }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: 'soon' as never }],
    ['breaker.failures', { breaker: { failures: 0 } }],
    ['breaker.openFor', { breaker: { openFor: '1s' as never } }],
    ['breaker.openFor[0]', { breaker: { openFor: [0, '1s'] as const } }],
    ['breaker.openFor[1]', { breaker: { openFor: ['2s', '1s'] as const } }],
    ['breaker.halfOpen', { breaker: { halfOpen: 3 } as never }],
    ['probeEvery', { probeEvery: 1 }],
    ['clock.monotonic', { clock: { now: Date.now } as never }],
    ['retries', { retries: 3 } as never],
  ])('[CO-5] refuses a wrong %s: %j', (option, wrong) => {
    expect(() => make(wrong)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
  })

  it('[CO-5] accepts the bounds', () => {
    expect(make({ timeout: 1, probeEvery: 10, breaker: { failures: 1, openFor: [1, 1] } }).available).toBe(true)
  })

  it('[CO-5] names the adapter when it gets another client, and does not show that client', () => {
    const wrong = { sendCommand: () => undefined, password: 'hunter2' }
    expect(() => createRedisGuard(wrong as never)).toThrow(/fromNodeRedis\(client\)/)
    expect(() => createRedisGuard(wrong as never)).not.toThrow(/hunter2/)
    expect(() => createRedisGuard(undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option: 'client' }),
    )
  })

  it('[CO-5] refuses a wrong time-out of run', () => {
    make()
    expect(() => guard.run(() => 1, { timeout: -1 })).toThrow(expect.objectContaining({ option: 'timeout' }))
  })
})
