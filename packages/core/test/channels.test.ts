import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it } from '@jest/globals'
import { channels } from '../src/index.js'

describe('channels', () => {
  it('[CO-4] have the names that the documents promise', () => {
    expect(Object.values(channels).map(({ name }) => name)).toEqual([
      'hardening:ratelimit:decision',
      'hardening:cache:lookup',
      'hardening:breaker:state',
      'hardening:redis:state',
      'hardening:threat:found',
      'hardening:health:change',
      'hardening:operation:slow',
      'hardening:audit:entry',
      'hardening:job:event',
      'hardening:job:queue',
    ])
  })

  it('[CO-4] reach whoever listens, by the name alone', () => {
    const heard: unknown[] = []
    const listener = (message: unknown): void => void heard.push(message)
    subscribe('hardening:redis:state', listener)
    channels.redisState.publish({ name: 'limits', state: 'degraded', reason: 'timeout' })
    unsubscribe('hardening:redis:state', listener)
    channels.redisState.publish({ name: 'limits', state: 'up' })
    expect(heard).toEqual([{ name: 'limits', state: 'degraded', reason: 'timeout' }])
  })

  it('[CO-4] tell whether somebody listens, so that no message is made for nobody', () => {
    const listener = (): void => {}
    // Channels belong to the process, which other test files have shared.
    const before = channels.threat.hasSubscribers
    channels.threat.subscribe(listener)
    expect(channels.threat.hasSubscribers).toBe(true)
    channels.threat.unsubscribe(listener)
    expect(channels.threat.hasSubscribers).toBe(before)
  })
})
