import type { Cluster, Worker } from 'node:cluster'
import type { Clock } from '@hardening/core'
import type { ExportedData } from '../exposition/family.js'
import { lasting, mergeFamilies } from './merge.js'
import { isMetricsMessage, type MetricsMessage } from './messages.js'

interface Round {
  readonly waitingFor: Set<number>
  readonly parts: ExportedData[][]
  finish(): void
}

/** The primary's side: asks every worker, keeps what ended workers had counted, answers the worker that asked. */
export class ClusterPrimary {
  readonly #cluster: Cluster
  readonly #own: () => Promise<ExportedData[]>
  readonly #timeoutMs: number
  readonly #clock: Clock
  readonly #rounds = new Map<number, Round>()
  readonly #last = new Map<number, ExportedData[]>()
  #ended: ExportedData[] = []
  #nextId = 0

  constructor(cluster: Cluster, own: () => Promise<ExportedData[]>, timeoutMs: number, clock: Clock) {
    this.#cluster = cluster
    this.#own = own
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    cluster.on('message', this.#onMessage)
    cluster.on('exit', this.#onExit)
  }

  close(): void {
    this.#cluster.off('message', this.#onMessage)
    this.#cluster.off('exit', this.#onExit)
    for (const round of this.#rounds.values()) round.finish()
  }

  /** The merged metrics of the primary, its workers, and those that have ended. */
  async gather(): Promise<ExportedData[]> {
    const [own, workers] = await Promise.all([this.#own(), this.#ask()])
    return mergeFamilies([own, ...workers, this.#ended])
  }

  #ask(): Promise<ExportedData[][]> {
    const id = this.#nextId++
    const workers = Object.values(this.#cluster.workers ?? {}).filter((worker) => worker?.isConnected()) as Worker[]
    return new Promise((resolve) => {
      // A worker that is stuck must not take the others' metrics with it.
      const timer = this.#clock.setTimeout(() => round.finish(), this.#timeoutMs)
      const round: Round = {
        waitingFor: new Set(workers.map((worker) => worker.id)),
        parts: [],
        finish: () => {
          this.#clock.clearTimeout(timer)
          this.#rounds.delete(id)
          // Of those that did not answer in time, what they had said last.
          for (const worker of round.waitingFor) round.parts.push(this.#last.get(worker) ?? [])
          resolve(round.parts)
        },
      }
      this.#rounds.set(id, round)
      for (const worker of workers) tell(worker, { type: 'hardening:metrics:send', id })
      if (workers.length === 0) round.finish()
    })
  }

  readonly #onMessage = (worker: Worker, message: unknown): void => {
    if (!isMetricsMessage(message)) return
    if (message.type === 'hardening:metrics:sent') {
      this.#last.set(worker.id, lasting(message.families))
      const round = this.#rounds.get(message.id)
      if (round?.waitingFor.delete(worker.id) !== true) return
      round.parts.push(message.families)
      if (round.waitingFor.size === 0) round.finish()
    } else if (message.type === 'hardening:metrics:gather') {
      void this.#answer(worker, message.id)
    }
  }

  async #answer(worker: Worker, id: number): Promise<void> {
    const families = await this.gather()
    if (worker.isConnected()) tell(worker, { type: 'hardening:metrics:gathered', id, families })
  }

  /** Keeps the counts of a worker that ended: a counter that goes back looks like a restart, and rates jump. */
  readonly #onExit = (worker: Worker): void => {
    const last = this.#last.get(worker.id)
    if (last !== undefined) this.#ended = mergeFamilies([this.#ended, last])
    this.#last.delete(worker.id)
    for (const round of this.#rounds.values()) {
      if (round.waitingFor.delete(worker.id) && round.waitingFor.size === 0) round.finish()
    }
  }
}

/** A worker may be ending: without somebody to hear of it, a message that does not arrive ends the primary too. */
function tell(worker: Worker, message: MetricsMessage): void {
  worker.send(message, undefined, undefined, () => undefined)
}
