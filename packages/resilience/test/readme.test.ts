import { join } from 'node:path'
import { describe, it } from '@jest/globals'
import { Readme, readmeContract } from '@hardening/test-utils'

describe('the README', () => {
  readmeContract({
    it,
    prefix: '[RE-3] ',
    readme: new Readme(join(__dirname, '..')),
    codes: 'ERR_RESILIENCE_',
    options: [
      ['### `protect(service, options)`', 'ProtectOptions'],
      ['### Retry rules', 'RetryRules'],
      ['### Breaker rules', 'BreakerRules'],
    ],
  })
})
