import { join } from 'node:path'
import { describe, it } from '@jest/globals'
import { Readme, readmeContract } from '@hardening/test-utils'

describe('the README', () => {
  readmeContract({
    it,
    prefix: '[LO-1] ',
    readme: new Readme(join(__dirname, '..')),
    options: [
      ['### `createLogger(options)`', 'CreateLoggerOptions'],
      ['### `accessLog(options)`', 'AccessLogOptions'],
      ['### `createSentryReporter(options)`', 'SentryReporterOptions'],
    ],
  })
})
