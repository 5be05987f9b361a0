import { afterEach, expect, it, jest } from '@jest/globals'
import type * as Kit from '../src/index.js'
import { versions } from './apps.js'

afterEach(() => {
  jest.dontMock('ioredis')
  jest.resetModules()
})

/** The kit as a new process finds it, and the client libraries that it has loaded so far. */
function fresh(): { kit: typeof Kit; loaded: string[] } {
  const loaded: string[] = []
  jest.resetModules()
  jest.doMock('ioredis', () => {
    loaded.push('ioredis')
    return jest.requireActual('ioredis')
  })
  return { kit: require('../src/index.js') as typeof Kit, loaded }
}

it.each(versions)('[KI-1] an application of %s that counts in memory loads no client of Redis', async (_, express) => {
  const { kit, loaded } = fresh()
  const { harden } = kit
  const sink = { write: () => undefined, flush: () => Promise.resolve(), close: () => Promise.resolve() }
  await harden(express(), { log: { sink } }).close()
  expect(loaded).toEqual([])
})

it('[KI-3] the client of Redis is loaded once, when the first connection is asked for', () => {
  const { kit, loaded } = fresh()
  const connections = kit.createRedisConnections({ url: 'redis://127.0.0.1:1' })
  expect(loaded).toEqual([])
  for (const role of ['requests', 'bus'] as const) connections.get(role).client.on('error', () => undefined)
  expect(loaded).toEqual(['ioredis'])
  connections.close()
})
