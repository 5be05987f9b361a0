export { batch } from './batch.js'
export type { Batch, BatchOptions } from './batch.js'
export { createJobs } from './create-jobs.js'
export type {
  CloseJobsOptions,
  CloseJobsReport,
  CreateJobsOptions,
  Jobs,
  JobsCheck,
  JobsStatus,
} from './create-jobs.js'
export type { BackoffOptions } from './backoff.js'
export type { JobsRedis } from './bullmq/connections.js'
export type { JobSchema } from './data.js'
export {
  BatchError,
  JobAbortedError,
  JobDataError,
  JobQueueFullError,
  JobsClosedError,
  JobsPeerMissingError,
  JobsUnavailableError,
  JobTimeoutError,
  UnrecoverableJobError,
} from './errors.js'
export type { JobDataIssue } from './errors.js'
export type {
  EnqueuedJob,
  JobCounts,
  JobHandler,
  JobOrigin,
  JobPage,
  JobProgress,
  JobState,
  JobView,
  RunningJob,
  ScheduleView,
} from './job.js'
export type { JobQueue } from './job-queue.js'
export type { EnqueueOptions, KeepOptions, QueueOptions } from './queue-options.js'
export type { ScheduleOptions } from './schedule.js'
export { threadHandler } from './thread-handler.js'
export type { ThreadHandler, ThreadHandlerOptions, ThreadJob } from './thread-handler.js'
export { threadJob } from './thread-job.js'
