import { channels, type JobMessage } from '@hardening/core'

/** How often each thing has happened to jobs of a queue since the start. */
export type JobTotals = Record<JobMessage['event'], number>

/** Counts what the channel of the jobs tells of one queue. */
export function countJobs(queue: string): { readonly totals: Readonly<JobTotals>; close(): void } {
  const totals: JobTotals = { enqueued: 0, started: 0, completed: 0, failed: 0, retrying: 0, dead: 0, progress: 0 }
  const listener = (message: JobMessage): void => {
    if (message.queue === queue) totals[message.event]++
  }
  channels.job.subscribe(listener)
  return { totals, close: () => channels.job.unsubscribe(listener) }
}
