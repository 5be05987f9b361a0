import { join } from 'node:path'
import { describe, it } from '@jest/globals'
import { Readme, readmeContract } from '@hardening/test-utils'

describe('the README', () => {
  readmeContract({
    it,
    prefix: '[RL-1] ',
    readme: new Readme(join(__dirname, '..')),
    codes: 'ERR_RATELIMIT_',
    options: [
      ['## Options', 'RateLimitOptions'],
      ['A policy:', 'RateLimitPolicyOptions'],
    ],
  })
})
