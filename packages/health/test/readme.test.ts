import { join } from 'node:path'
import { describe, it } from '@jest/globals'
import { Readme, readmeContract } from '@hardening/test-utils'

describe('the README', () => {
  readmeContract({
    it,
    prefix: '[HE-1] ',
    readme: new Readme(join(__dirname, '..')),
    options: [
      ['### `health(options)`', 'HealthOptions'],
      ['### `createHealthRegistry(options)`', 'HealthRegistryOptions'],
      ['### `gracefulShutdown(server, options)`', 'GracefulShutdownOptions'],
    ],
  })
})
