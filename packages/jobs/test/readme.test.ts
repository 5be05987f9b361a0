import { join } from 'node:path'
import { describe, it } from '@jest/globals'
import { Readme, readmeContract } from '@hardening/test-utils'

describe('the README', () => {
  readmeContract({
    it,
    prefix: '[JO-1] ',
    readme: new Readme(join(__dirname, '..')),
    codes: 'ERR_JOBS_',
    options: [
      ['### `createJobs(options)`', 'CreateJobsOptions'],
      ['### `jobs.define(name, options, handler)`', 'QueueOptions'],
      ['### `batch(run, options)`', 'BatchOptions'],
    ],
  })
})
