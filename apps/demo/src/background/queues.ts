import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { JobProgress, JobQueue, Jobs, QueueOptions, RunningJob } from '@hardening/jobs'
import { countChunks, findingsOf, readChunks, type Chunk, type Findings } from './findings.js'

/** A document to be processed. It is handed over whole, because a worker process may have no database. */
const documentJob = z.strictObject({
  /** Its id in the database; a sample of the control room has none. */
  document: z.int().positive().optional(),
  title: z.string().max(300),
  html: z.string().max(500_000),
  /** Milliseconds that a chunk takes, so that a person can see it. */
  paceMs: z.int().min(0).max(5000).default(0),
  /** How many runs fail before one goes well. */
  failures: z.int().min(0).max(10).default(0),
})

/** Data of a job of the queue `documents`. */
export type DocumentJob = z.output<typeof documentJob>

/** What a job of the queue `documents` results in. */
export interface DocumentResult {
  readonly contentHash: string
  readonly words: number
  readonly chunks: number
}

/** How far a job has come, and which processes have begun it. */
export interface DocumentProgress {
  readonly runs: readonly string[]
  readonly done: number
  readonly of: number
}

/** Data of a job of the queue `findings`. */
export interface FindingsJob {
  readonly document: number
  readonly findings: Findings
}

/** The queues: documents go to whoever works, what was found out comes back to whoever has the database. */
export interface Queues {
  readonly documents: JobQueue<DocumentJob, DocumentResult>
  readonly findings: JobQueue<FindingsJob>
}

/** What this process does of the work. */
export interface Work {
  /** Processes documents, under this name. */
  readonly processesAs?: string | undefined
  /** Stores what was found out. */
  readonly store?: ((job: FindingsJob) => Promise<void>) | undefined
}

const kept = { maxDataSize: '2mb', keepCompleted: { count: 200, age: '1h' } } as const

/** Names the queues; without work this process only enqueues. */
export function defineQueues(jobs: Jobs, { processesAs, store }: Work): Queues {
  const findings = jobs.define<FindingsJob>('findings', { ...kept, attempts: 10 }, store)
  const options: QueueOptions<DocumentJob> = {
    ...kept,
    attempts: 3,
    backoff: { type: 'fixed', delay: '1s', jitter: 0 },
    concurrency: 2,
    timeout: '1m',
    schema: documentJob,
  }
  const handler =
    processesAs === undefined
      ? undefined
      : (data: DocumentJob, job: RunningJob): Promise<DocumentResult> => processDocument(data, job, processesAs, queues)
  const queues: Queues = { documents: jobs.define('documents', options, handler), findings }
  return queues
}

async function processDocument(
  { document, html, paceMs, failures }: DocumentJob,
  job: RunningJob,
  name: string,
  { documents, findings }: Queues,
): Promise<DocumentResult> {
  const runs = [...runsOf((await documents.get(job.id))?.progress), name]
  const of = countChunks(html)
  const chunks: Chunk[] = []
  const tell = (done: number): Promise<void> => job.progress({ runs, done, of } satisfies DocumentProgress)
  await tell(0)
  for (const chunk of readChunks(html)) {
    if (paceMs > 0) await pause(paceMs, undefined, { signal: job.signal })
    job.signal.throwIfAborted()
    chunks.push(chunk)
    if (paceMs > 0) await tell(chunks.length)
  }
  if (runs.length <= failures) throw new Error(`Run ${runs.length} fails, as it was asked to`)
  const found = findingsOf(html, chunks)
  // A run that is repeated hands the same over again: the key makes one job of them.
  if (document !== undefined) await findings.enqueue({ document, findings: found }, { idempotencyKey: job.id })
  await tell(of)
  return { contentHash: found.contentHash, words: found.words, chunks: chunks.length }
}

/** The processes that have begun a job, in order. */
export function runsOf(progress: JobProgress | undefined): readonly string[] {
  const runs = typeof progress === 'object' ? progress['runs'] : undefined
  return Array.isArray(runs) ? runs.map(String) : []
}
