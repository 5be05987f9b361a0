import { afterEach, expect, it, jest } from '@jest/globals'
import { MemoryStore } from 'express-rate-limit'
import type * as Package from '../src/index.js'

afterEach(() => {
  jest.dontMock('express-rate-limit')
  jest.resetModules()
})

it('[RL-3] express-rate-limit is loaded for a store of its own, and for no other', () => {
  const loaded: string[] = []
  jest.resetModules()
  jest.doMock('express-rate-limit', () => {
    loaded.push('express-rate-limit')
    return jest.requireActual('express-rate-limit')
  })
  const { rateLimit } = require('../src/index.js') as typeof Package
  rateLimit().close()
  expect(loaded).toEqual([])
  rateLimit({ policies: [{ limit: 1, window: '1m', algorithm: 'fixed-window' }], store: new MemoryStore() }).close()
  expect(loaded).toEqual(['express-rate-limit'])
})
