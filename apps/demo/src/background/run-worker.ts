import { channels, type JobMessage } from '@hardening/core'
import { onProcessError } from '@hardening/errors'
import { createJobs } from '@hardening/jobs'
import type { Settings } from '@hardening/kit'
import { createLogger } from '@hardening/logging'
import { jobsOptions } from './jobs-options.js'
import { defineQueues } from './queues.js'

/** Time that running jobs have at the end of the process, of what the server has. */
export function workerTimeout({ shutdownTimeoutMs }: Settings): number {
  return Math.min(10_000, Math.ceil(shutdownTimeoutMs * 0.4))
}

/**
 * The worker process: takes documents from Redis until it is told to end, or until the server that has started it is
 * gone. It needs no database: what it finds out goes back as a job.
 */
export async function runWorker(settings: Settings): Promise<void> {
  const logger = createLogger({
    service: `${settings.serviceName}-worker`,
    environment: settings.environment,
    level: settings.logLevel,
    format: settings.logFormat,
  })
  const jobs = createJobs(jobsOptions(settings))
  defineQueues(jobs, { processesAs: `worker ${process.pid}` })
  channels.job.subscribe(tell)
  onProcessError({ logger, flush: () => logger.flush() })

  let ending: Promise<void> | undefined
  const end = (): void => void (ending ??= close())
  async function close(): Promise<void> {
    await jobs.close({ timeout: workerTimeout(settings) })
    await logger.close()
    process.exit(0)
  }
  // A terminal sends Ctrl-C to both processes, and the server asks as well: the second time says nothing new.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
  process.on('disconnect', end)
  await jobs.start()
  process.send?.('ready')
}

function tell(message: JobMessage): void {
  // The channel ends with the server; then there is nobody to be told.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}
