import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { hasService, itWith } from '../src/index.js'

describe('itWith', () => {
  const saved = { ...process.env }
  const declared = Object.assign(jest.fn<(title: string, run: () => unknown, timeout?: number) => void>(), {
    skip: jest.fn<(title: string, run: () => unknown) => void>(),
  })
  const run = (): void => undefined
  let realIt: unknown
  beforeEach(() => {
    declared.mockClear()
    declared.skip.mockClear()
    realIt = (globalThis as { it?: unknown }).it
    ;(globalThis as { it?: unknown }).it = declared
  })
  afterEach(() => {
    process.env = { ...saved }
    ;(globalThis as { it?: unknown }).it = realIt
  })

  it('[RP-1] declares the test where the service is there', () => {
    process.env['TEST_REDIS_SERVER'] = process.execPath
    expect(hasService('redis')).toBe(true)
    itWith('redis', 'title', run, 7)
    expect(declared.mock.calls).toEqual([['title', run, 7]])
  })

  it('[RP-1] counts it as skipped where the service is not there', () => {
    delete process.env['CI']
    process.env['TEST_REDIS_SERVER'] = '/nowhere/redis-server'
    delete process.env['TEST_DATABASE_URL']
    itWith('redis', 'one', run)
    itWith('postgres', 'two', run)
    expect(declared).not.toHaveBeenCalled()
    expect(declared.skip.mock.calls).toEqual([
      ['one', run],
      ['two', run],
    ])
  })

  it('[RP-1] fails in CI where the service is not there, and says what to do', () => {
    process.env['CI'] = 'true'
    process.env['TEST_REDIS_SERVER'] = '/nowhere/redis-server'
    itWith('redis', 'title', run)
    expect(declared.skip).not.toHaveBeenCalled()
    expect(() => declared.mock.calls[0]?.[1]()).toThrow(/redis is not available: install redis-server/)
  })
})
