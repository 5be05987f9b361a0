import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '@hardening/core'
import { encodeResult } from '../data.js'
import type { Attempt, DriverQueue, NewJob, Outcome, Run } from '../driver.js'
import { JobQueueFullError } from '../errors.js'
import type { EnqueuedJob, JobCounts, JobPage, JobState, JobView, ScheduleView } from '../job.js'
import { priorities, type QueueSettings } from '../queue-options.js'
import { nextRun, type ScheduleSpec } from '../schedule.js'
import { DelayHeap } from './delay-heap.js'
import { Fifo } from './fifo.js'
import { viewOf, type JobRecord } from './job-record.js'

/** Jobs handed out before the event loop gets its turn. */
const TURN = 128
const MAX_TIMER = 2_147_483_647

interface Schedule extends ScheduleSpec {
  readonly job: Omit<NewJob, 'id' | 'isKeyed'>
  next: number | undefined
}

/** The jobs of one name, in the memory of this process. */
export class EmbeddedQueue implements DriverQueue {
  readonly #settings: QueueSettings
  readonly #clock: Clock
  readonly #jobs = new Map<string, JobRecord>()
  readonly #ready = Array.from({ length: priorities.max - priorities.min + 1 }, () => new Fifo<JobRecord>())
  readonly #delayed = new DelayHeap()
  readonly #kept = { completed: new Fifo<JobRecord>(), dead: new Fifo<JobRecord>() }
  readonly #keys = new Map<string, number>()
  readonly #schedules = new Map<string, Schedule>()
  readonly #counts = { waiting: 0, delayed: 0, active: 0, completed: 0, dead: 0, removed: 0 }
  // What a request has entered must not be found in jobs that it did not enqueue.
  readonly #scope = new AsyncResource('HardeningJobs')
  #sequence = 0
  #run: Run | undefined = undefined
  #isPaused = false
  #isPumping = false
  #timer: unknown = undefined
  #timerAt = Infinity
  #windowEnd = 0
  #startedInWindow = 0

  constructor(settings: QueueSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** All of them or, where they do not fit, none. */
  add(jobs: readonly NewJob[]): EnqueuedJob[] {
    const { name, maxQueued } = this.#settings
    const { waiting, delayed, active } = this.#counts
    if (jobs.length > 1 && waiting + delayed + active + jobs.length > maxQueued)
      throw new JobQueueFullError(name, maxQueued)
    return jobs.map((job) => this.#add(job, undefined))
  }

  #add(job: NewJob, schedule: string | undefined): EnqueuedJob {
    const now = this.#clock.now()
    const { id, isKeyed } = job
    if (this.#jobs.has(id) || (isKeyed && (this.#keys.get(id) ?? 0) > now)) return { id, isDuplicate: true }
    const { waiting, delayed, active } = this.#counts
    const { name, maxQueued, idempotencyTtlMs } = this.#settings
    if (waiting + delayed + active >= maxQueued) throw new JobQueueFullError(name, maxQueued)
    if (isKeyed) {
      for (const [key, until] of this.#keys) {
        if (until > now && this.#keys.size < 100_000) break
        this.#keys.delete(key)
      }
      this.#keys.set(id, now + job.delayMs + idempotencyTtlMs)
    }
    const record: JobRecord = {
      id,
      sequence: this.#sequence++,
      json: job.json,
      origin: job.origin,
      priority: job.priority,
      maxAttempts: job.maxAttempts,
      schedule,
      createdAt: now,
      state: 'removed',
      attempts: 0,
      runAt: now + job.delayMs,
      startedAt: 0,
      finishedAt: 0,
      progress: undefined,
      error: undefined,
      result: undefined,
    }
    this.#jobs.set(id, record)
    this.#enter(record, job.delayMs > 0)
    return { id, isDuplicate: false }
  }

  #enter(record: JobRecord, isDelayed: boolean): void {
    this.#move(record, isDelayed ? 'delayed' : 'waiting')
    if (isDelayed) {
      this.#delayed.push(record)
      this.#wakeAt(record.runAt)
    } else {
      ;(this.#ready[priorities.max - record.priority] as Fifo<JobRecord>).push(record)
      this.#soon()
    }
  }

  #move(record: JobRecord, to: JobRecord['state']): void {
    if (record.state !== 'removed') this.#counts[record.state]--
    record.state = to
    if (to !== 'removed') this.#counts[to]++
  }

  get(id: string): Promise<JobView | undefined> {
    this.#forget()
    const record = this.#jobs.get(id)
    return Promise.resolve(record === undefined ? undefined : viewOf(this.#settings.name, record))
  }

  list(state: JobState, { offset, limit }: Required<JobPage>): Promise<JobView[]> {
    this.#forget()
    const found = [...this.#jobs.values()].filter((record) => record.state === state)
    if (state === 'waiting') found.sort((a, b) => b.priority - a.priority || a.sequence - b.sequence)
    else if (state === 'delayed') found.sort((a, b) => a.runAt - b.runAt)
    else if (state !== 'active') found.sort((a, b) => b.finishedAt - a.finishedAt || b.sequence - a.sequence)
    return Promise.resolve(found.slice(offset, offset + limit).map((record) => viewOf(this.#settings.name, record)))
  }

  counts(): Promise<JobCounts> {
    this.#forget()
    const { waiting, delayed, active, completed, dead } = this.#counts
    return Promise.resolve({ waiting, delayed, active, completed, dead })
  }

  remove(id: string): Promise<boolean> {
    const record = this.#jobs.get(id)
    if (record === undefined || record.state === 'active') return Promise.resolve(false)
    this.#drop(record)
    this.#keys.delete(id)
    return Promise.resolve(true)
  }

  replay(id: string): Promise<boolean> {
    const old = this.#jobs.get(id)
    if (old?.state !== 'dead') return Promise.resolve(false)
    // A record of its own, since the old one still stands in the list of dead letters.
    this.#drop(old)
    const fresh = { attempts: 0, startedAt: 0, finishedAt: 0, error: undefined, runAt: this.#clock.now() }
    const record: JobRecord = { ...old, ...fresh, sequence: this.#sequence++, state: 'removed' }
    this.#jobs.set(id, record)
    this.#enter(record, false)
    return Promise.resolve(true)
  }

  pause(): Promise<void> {
    this.#isPaused = true
    return Promise.resolve()
  }

  resume(): Promise<void> {
    this.#isPaused = false
    this.#soon()
    return Promise.resolve()
  }

  schedule(id: string, spec: ScheduleSpec, job: Omit<NewJob, 'id' | 'isKeyed'>): Promise<void> {
    const next = nextRun(spec, this.#clock.now())
    this.#schedules.set(id, { ...spec, job, next })
    if (next !== undefined) this.#wakeAt(next)
    return Promise.resolve()
  }

  unschedule(id: string): Promise<boolean> {
    return Promise.resolve(this.#schedules.delete(id))
  }

  schedules(): Promise<ScheduleView[]> {
    return Promise.resolve(
      [...this.#schedules].map(([id, { cron, everyMs, timeZone, next }]) => {
        return { id, cron, everyMs, timeZone, nextRunAt: next }
      }),
    )
  }

  work(run: Run): void {
    this.#run = run
    this.#soon()
    this.#wakeAt(this.#clock.now())
  }

  stop(): void {
    this.#run = undefined
    this.#clock.clearTimeout(this.#timer)
    this.#timerAt = Infinity
  }

  #soon(): void {
    if (this.#isPumping || this.#run === undefined || this.#isPaused) return
    this.#isPumping = true
    this.#scope.runInAsyncScope(() =>
      setImmediate(() => {
        this.#isPumping = false
        this.#pump()
      }),
    )
  }

  #pump(): void {
    for (let at = 0; at < TURN; at++) {
      if (this.#run === undefined || this.#isPaused || this.#counts.active >= this.#settings.concurrency) return
      if (this.#counts.waiting === 0 || !this.#hasRate()) return
      const record = this.#take()
      if (record === undefined) return
      this.#start(record, this.#run)
    }
    this.#soon()
  }

  #take(): JobRecord | undefined {
    for (const fifo of this.#ready) {
      for (let record = fifo.shift(); record !== undefined; record = fifo.shift()) {
        // What was removed meanwhile still stands in the row.
        if (record.state === 'waiting') return record
      }
    }
    return undefined
  }

  #hasRate(): boolean {
    const { rate } = this.#settings
    if (rate === undefined) return true
    const now = this.#clock.now()
    if (now >= this.#windowEnd || this.#windowEnd - now > rate.perMs) {
      this.#windowEnd = now + rate.perMs
      this.#startedInWindow = 0
    }
    if (this.#startedInWindow < rate.limit) {
      this.#startedInWindow++
      return true
    }
    this.#wakeAt(this.#windowEnd)
    return false
  }

  #start(record: JobRecord, run: Run): void {
    const now = this.#clock.now()
    this.#move(record, 'active')
    record.startedAt = now
    const attempt: Attempt = {
      id: record.id,
      json: record.json,
      origin: record.origin,
      attempt: record.attempts + 1,
      maxAttempts: record.maxAttempts,
      schedule: record.schedule,
      waitMs: Math.max(0, now - record.runAt),
      progress: (value) => {
        record.progress = JSON.parse(JSON.stringify(value)) as typeof value
        return Promise.resolve()
      },
    }
    run(attempt, (outcome) => this.#finish(record, outcome))
  }

  #finish(record: JobRecord, outcome: Outcome): void {
    const now = this.#clock.now()
    if (outcome.kind === 'released') {
      this.#enter(record, false)
      return
    }
    record.attempts++
    if (outcome.kind === 'retry') {
      record.error = outcome.error
      record.runAt = now + outcome.delayMs
      this.#enter(record, outcome.delayMs > 0)
    } else {
      record.finishedAt = now
      if (outcome.kind === 'dead') record.error = outcome.error
      else record.result = encodeResult(outcome.result, this.#settings.maxDataBytes)
      this.#move(record, outcome.kind)
      this.#kept[outcome.kind].push(record)
      this.#forget()
    }
    this.#soon()
  }

  #forget(): void {
    const now = this.#clock.now()
    for (const state of ['completed', 'dead'] as const) {
      const { count, ageMs } = state === 'completed' ? this.#settings.keepCompleted : this.#settings.keepDead
      const kept = this.#kept[state]
      for (let first = kept.first; first !== undefined; first = kept.first) {
        const isHere = first.state === state
        if (isHere && this.#counts[state] <= count && now - first.finishedAt <= ageMs) break
        kept.shift()
        if (isHere) this.#drop(first)
      }
    }
  }

  #drop(record: JobRecord): void {
    this.#move(record, 'removed')
    if (this.#jobs.get(record.id) === record) this.#jobs.delete(record.id)
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt || this.#run === undefined) return
    this.#clock.clearTimeout(this.#timer)
    this.#timerAt = at
    const wait = Math.min(MAX_TIMER, Math.max(1, at - this.#clock.now()))
    this.#scope.runInAsyncScope(() => {
      this.#timer = this.#clock.setTimeout(() => this.#wake(), wait)
    })
  }

  #wake(): void {
    this.#timerAt = Infinity
    const now = this.#clock.now()
    for (let first = this.#delayed.first; first !== undefined && first.runAt <= now; first = this.#delayed.first) {
      this.#delayed.pop()
      if (first.state === 'delayed') this.#enter(first, false)
    }
    const first = this.#delayed.first
    if (first !== undefined) this.#wakeAt(first.runAt)
    for (const [id, schedule] of this.#schedules) this.#fire(id, schedule, now)
    this.#soon()
  }

  #fire(id: string, schedule: Schedule, now: number): void {
    if (schedule.next === undefined) return
    if (schedule.next <= now) {
      const due = schedule.next
      schedule.next = nextRun(schedule, now)
      try {
        this.#add({ ...schedule.job, id: `schedule-${id}-${due}`, isKeyed: false }, id)
      } catch {
        // Full: this time is left out, the next one tried again.
      }
    }
    if (schedule.next !== undefined) this.#wakeAt(schedule.next)
  }
}
