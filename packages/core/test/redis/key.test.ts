import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { assert, property, string } from 'fast-check'
import { redisKey, redisKeyspace } from '../../src/redis/key.js'

const parts = { area: 'rl', version: 1, name: 'login' }

describe('redisKey', () => {
  it('[CO-5] has the form <prefix>:<area>:v<n>:<name>:{<22 characters of SHA-256>}', () => {
    const hash = createHash('sha256').update('203.0.113.7').digest('base64url').slice(0, 22)
    expect(redisKey(parts, '203.0.113.7')).toBe(`hd:rl:v1:login:{${hash}}`)
    expect(redisKeyspace({ ...parts, prefix: 'shop' }).base).toBe('shop:rl:v1:login:')
  })

  it('[CO-5] takes colons off the end of the prefix, and leaves those inside', () => {
    expect(redisKeyspace({ ...parts, prefix: 'shop:eu::' }).base).toBe('shop:eu:rl:v1:login:')
  })

  it('[CO-5] takes an undefined prefix for one left out', () => {
    expect(redisKeyspace({ ...parts, prefix: undefined as never }).base).toBe('hd:rl:v1:login:')
  })

  it('[CO-5] shows nothing of the identity, and has one pair of braces whatever the identity is', () => {
    const space = redisKeyspace(parts)
    assert(
      property(string(), (identity) => {
        expect(space.key(identity)).toMatch(/^hd:rl:v1:login:\{[A-Za-z0-9_-]{22}\}$/)
      }),
    )
  })

  it('[CO-5] gives different keys for different identities, also where the parts join to the same text', () => {
    const space = redisKeyspace(parts)
    expect(space.key('a')).not.toBe(space.key('b'))
    expect(space.key(['user', '17'])).not.toBe(space.key(['user1', '7']))
    expect(space.key(['a', 'b'])).toBe(space.key(['a', 'b']))
  })

  it.each([
    ['prefix', { prefix: 'a{b' }],
    ['prefix', { prefix: ':' }],
    ['prefix', { prefix: '' }],
    ['prefix', { prefix: 'a*' }],
    ['prefix', { prefix: 'x'.repeat(65) }],
    ['area', { area: 'Rate Limit' }],
    ['area', { area: '' }],
    ['name', { name: 'a:b' }],
    ['name', { name: undefined as never }],
    ['version', { version: 0 }],
    ['version', { version: 1.5 }],
    ['colour', { colour: 'red' } as never],
  ])('[CO-5] refuses %s %j when the keyspace is made', (option, wrong) => {
    expect(() => redisKeyspace({ ...parts, ...wrong })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
  })

  it('[CO-5] refuses a long prefix of colons in linear time', () => {
    expect(() => redisKeyspace({ ...parts, prefix: `${'a:'.repeat(30)}!` })).toThrow()
    expect(() => redisKeyspace({ ...parts, prefix: `a${':'.repeat(1_000_000)}!` })).toThrow()
  })
})
