import type { Case } from './contract/support.js'
import type { Jobs } from './create-jobs.js'
import { keepingCases } from './contract/keeping.js'
import { runningCases } from './contract/running.js'

/** What the suite needs of a test runner. */
export interface JobsContractOptions {
  /** Makes jobs without any in them; the suite closes them. */
  create(): Promise<Jobs> | Jobs
  /** Declares a test. */
  it(title: string, run: () => Promise<void>): void
  /** Begins each title. @defaultValue `''` */
  prefix?: string
}

/** What every driver has to do, as tests. Needs no more of a runner than `it`; what is wrong throws. */
export function jobsContract({ create, it, prefix = '' }: JobsContractOptions): void {
  const test: Case = (title, run) =>
    it(`${prefix}${title}`, async () => {
      const jobs = await create()
      try {
        await run(jobs)
      } finally {
        await jobs.close({ timeout: 2000, grace: 0 })
      }
    })
  runningCases(test)
  keepingCases(test)
}
