import type { RedisGuard } from '@hardening/core'
import type { PenaltyRules } from '../penalty.js'
import type { Quota } from '../quota.js'
import { BatchArguments } from './batch-arguments.js'
import { withKeys } from './batch-script.js'
import { Reply } from './reply.js'
import { slotOf } from './slot.js'
import type { Unit } from './units.js'

/** Units in one call: a script holds the server up while it runs. */
const mostUnits = 256

/** What a batcher is made for. */
export interface BatcherSetup {
  readonly guard: RedisGuard
  /** The quotas that no request changes. */
  readonly quotas: readonly Quota[]
  readonly penalty: PenaltyRules | undefined
  readonly isCluster: boolean
  /** The time in place of the server's. */
  readonly now: (() => number) | undefined
}

/**
 * Gathers what is asked for within one turn of the event loop and sends it in one call, or in one a slot on a cluster.
 * The guard gives every call its deadline.
 */
export class Batcher {
  readonly #guard: RedisGuard
  readonly #arguments: BatchArguments
  #waiting: Unit[] = []
  #isCluster: boolean
  readonly #flush = (): void => {
    const units = this.#waiting
    this.#waiting = []
    if (this.#isCluster) this.#sendBySlot(units)
    else this.#sendAll(units)
  }

  constructor({ guard, quotas, penalty, isCluster, now }: BatcherSetup) {
    this.#guard = guard
    this.#arguments = new BatchArguments(quotas, penalty, now)
    this.#isCluster = isCluster
  }

  /** Whether keys of different slots cannot be asked for together. */
  get isCluster(): boolean {
    return this.#isCluster
  }

  add(unit: Unit): void {
    if (this.#waiting.push(unit) === 1) setImmediate(this.#flush)
  }

  #sendBySlot(units: readonly Unit[]): void {
    const bySlot = new Map<number, Unit[]>()
    for (const unit of units) {
      const slot = slotOf(unit.keys[0] as string)
      const others = bySlot.get(slot)
      if (others === undefined) bySlot.set(slot, [unit])
      else others.push(unit)
    }
    for (const together of bySlot.values()) this.#sendAll(together)
  }

  #sendAll(units: readonly Unit[]): void {
    if (units.length <= mostUnits) this.#send(units)
    else for (let at = 0; at < units.length; at += mostUnits) this.#send(units.slice(at, at + mostUnits))
  }

  #send(units: readonly Unit[]): void {
    try {
      const { script, keys, args, units: ordered } = this.#arguments.of(units)
      this.#guard.scriptBuffer<Buffer>(withKeys(script, keys.length), keys, args).then(
        (reply) => deliver(ordered, reply),
        (error: unknown) => this.#fail(units, error),
      )
    } catch (error) {
      // Nobody stands above a turn of the event loop: what is thrown here would end the process.
      this.#fail(units, error)
    }
  }

  #fail(units: readonly Unit[], error: unknown): void {
    // A cluster has said that it did nothing: from now on each slot is asked for itself.
    const isCrossSlot = !this.#isCluster && error instanceof Error && /^-?CROSSSLOT\b/.test(error.message)
    if (!isCrossSlot) {
      for (const unit of units) unit.reject(error)
      return
    }
    this.#isCluster = true
    const ofOneSlot = units.filter(({ keys }) => new Set(keys.map(slotOf)).size === 1)
    for (const unit of units) if (!ofOneSlot.includes(unit)) unit.reject(new CrossSlotError())
    this.#sendBySlot(ofOneSlot)
  }
}

/** The keys of one unit turned out to be in several slots, and it was not carried out. */
export class CrossSlotError extends Error {}

function deliver(units: readonly Unit[], bytes: Buffer): void {
  try {
    const reply = new Reply(bytes)
    for (let at = 0; at < units.length; at++) {
      const unit = units[at] as Unit
      unit.read(reply)
      unit.resolve()
    }
  } catch (error) {
    // Something between us and the server answers in a way of its own; whoever has an answer already keeps it.
    for (const unit of units) unit.reject(error)
  }
}
