import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { createRedisGuard } from '../../src/redis/guard.js'
import { defineScript } from '../../src/redis/script.js'
import { FakeRedis, replyError } from './fake-redis.js'

const lua = `return redis.call('INCRBY', KEYS[1], ARGV[1])`
const script = defineScript({ name: 'add', lua, keys: 1 })

describe('defineScript', () => {
  it('[CO-5] works out the digest of the source itself', () => {
    expect(script.sha1).toBe(createHash('sha1').update(lua).digest('hex'))
  })

  it.each([
    ['name', { name: '' }],
    ['lua', { lua: '' }],
    ['keys', { keys: -1 }],
    ['keys', { keys: 0 }],
    ['lau', { lau: 'x' } as never],
  ])('[CO-5] refuses a wrong %s: %j', (option, wrong) => {
    expect(() => defineScript({ name: 'add', lua, keys: 1, ...wrong })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
  })
})

describe('guard.script', () => {
  it('[CO-5] sends EVALSHA and nothing else where the server knows the script', async () => {
    const client = new FakeRedis()
    const guard = createRedisGuard(client)
    const reply = guard.script<number>(script, ['k'], [5])
    const [sent] = client.pending
    expect([sent?.command, ...(sent?.args ?? [])]).toEqual(['evalsha', script.sha1, 1, 'k', 5])
    sent?.resolve(5)
    expect(await reply).toBe(5)
    expect(client.seen).toEqual(['evalsha'])
    guard.close()
  })

  it('[CO-5] sends EVAL on NOSCRIPT, with the same keys and arguments', async () => {
    const client = new FakeRedis()
    const lines: unknown[][] = []
    client.answer = (command, args) => {
      lines.push([command, ...args])
      return command === 'evalsha' ? replyError('NOSCRIPT No matching script. Please use EVAL.') : 7
    }
    const guard = createRedisGuard(client)
    expect(await guard.script(script, ['k'], [7])).toBe(7)
    expect(lines).toEqual([
      ['evalsha', script.sha1, 1, 'k', 7],
      ['eval', lua, 1, 'k', 7],
    ])
    guard.close()
  })

  it.each(['WRONGTYPE Operation against a key', 'ERR user_script:1: boom', 'NOPERM no permission'])(
    '[CO-5] sends no EVAL on any other error: %s',
    async (message) => {
      const client = new FakeRedis()
      client.answer = () => replyError(message)
      const guard = createRedisGuard(client)
      await expect(guard.script(script, ['k'], [1])).rejects.toThrow(message)
      expect(client.seen).toEqual(['evalsha'])
      guard.close()
    },
  )

  it('[CO-5] sends EVAL once: a server that says NOSCRIPT to it too is an error', async () => {
    const client = new FakeRedis()
    client.answer = () => replyError('NOSCRIPT No matching script.')
    const guard = createRedisGuard(client)
    await expect(guard.script(script, ['k'], [1])).rejects.toThrow('NOSCRIPT')
    expect(client.seen).toEqual(['evalsha', 'eval'])
    guard.close()
  })

  it('[CO-5] refuses a wrong number of keys before anything is sent', async () => {
    const client = new FakeRedis()
    const guard = createRedisGuard(client)
    await expect(guard.script(script, ['a', 'b'], [])).rejects.toThrow('script add takes 1 keys, got 2')
    expect(client.seen).toEqual([])
    guard.close()
  })

  it('[CO-5] never sends SCRIPT LOAD', async () => {
    const client = new FakeRedis()
    client.answer = () => 1
    const guard = createRedisGuard(client)
    await guard.script(script, ['k'], [1])
    expect(client.seen).not.toContain('script')
    guard.close()
  })
})
