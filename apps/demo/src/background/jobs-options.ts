import type { CreateJobsOptions } from '@hardening/jobs'
import type { Settings } from '@hardening/kit'

/** Options of the jobs that the server and the worker share; without Redis jobs are kept in the server's process. */
export function jobsOptions(settings: Settings): CreateJobsOptions {
  const redis = settings.redisJobsUrl ?? settings.redisUrl
  if (redis === undefined) return {}
  // Where somebody watches, a job of a worker that was killed need not be waited for as long.
  const lock = settings.environment === 'production' ? '20s' : '4s'
  return { redis, prefix: settings.redisPrefix, redisTimeout: settings.redisTimeoutMs, lock }
}
