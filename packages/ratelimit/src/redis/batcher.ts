import type { RedisGuard } from '@hardening/core'
import type { Quota } from '../quota.js'
import { batchScript } from './batch-script.js'
import { slotOf } from './slot.js'
import type { BatchReader, BatchWriter, Unit } from './units.js'

/** Units in one call: a script holds the server up while it runs. */
const mostUnits = 256

/**
 * Gathers what is asked for within one turn of the event loop and sends it in one call, or in one a slot on a cluster.
 * The guard gives every call its deadline.
 */
export class Batcher {
  readonly #guard: RedisGuard
  readonly #rules: string
  readonly #now: (() => number) | undefined
  readonly #windows = new WeakMap<Quota, string>()
  #waiting: Unit[] = []
  #isCluster: boolean

  constructor(guard: RedisGuard, rules: readonly number[], isCluster: boolean, now: (() => number) | undefined) {
    this.#guard = guard
    this.#rules = JSON.stringify(rules)
    this.#isCluster = isCluster
    this.#now = now
  }

  /** Whether keys of different slots cannot be asked for together. */
  get isCluster(): boolean {
    return this.#isCluster
  }

  add(unit: Unit): void {
    if (this.#waiting.push(unit) === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const units = this.#waiting
    this.#waiting = []
    if (this.#isCluster) this.#sendBySlot(units)
    else for (let at = 0; at < units.length; at += mostUnits) this.#send(units.slice(at, at + mostUnits))
  }

  #sendBySlot(units: readonly Unit[]): void {
    const bySlot = new Map<number, Unit[]>()
    for (const unit of units) {
      const slot = slotOf(unit.keys[0] as string)
      const others = bySlot.get(slot)
      if (others === undefined) bySlot.set(slot, [unit])
      else others.push(unit)
    }
    for (const together of bySlot.values()) {
      for (let at = 0; at < together.length; at += mostUnits) this.#send(together.slice(at, at + mostUnits))
    }
  }

  #send(units: readonly Unit[]): void {
    const writer = new Writer((quota) => this.#windowText(quota))
    const numbers: number[] = []
    for (const unit of units) unit.write(writer, numbers)
    const { keys, windows } = writer
    const now = this.#now === undefined ? '' : String(this.#now())
    const args = [`[${windows.join(',')}]`, `[${numbers.join(',')}]`, this.#rules, now]
    this.#guard.script<(number | string)[]>(batchScript(keys.length), keys, args).then(
      (reply) => deliver(units, reply),
      (error: unknown) => this.#fail(units, error),
    )
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

  #windowText(quota: Quota): string {
    let text = this.#windows.get(quota)
    if (text === undefined) {
      const { id, counts, limit, windowMs, burst, isEnforced, countsRefused } = quota
      text = JSON.stringify([id, counts.code, limit, windowMs, burst, Number(isEnforced), Number(countsRefused)])
      this.#windows.set(quota, text)
    }
    return text
  }
}

/** The keys of one unit turned out to be in several slots, and it was not carried out. */
export class CrossSlotError extends Error {}

function deliver(units: readonly Unit[], reply: readonly (number | string)[]): void {
  const reader = new Reader(reply)
  for (const unit of units) {
    unit.read(reader)
    unit.resolve()
  }
}

class Writer implements BatchWriter {
  readonly keys: string[] = []
  readonly windows: string[] = []
  readonly #keyPlaces = new Map<string, number>()
  readonly #windowPlaces = new Map<Quota, number>()
  readonly #text: (quota: Quota) => string

  constructor(text: (quota: Quota) => string) {
    this.#text = text
  }

  key(key: string): number {
    let place = this.#keyPlaces.get(key)
    if (place === undefined) {
      place = this.keys.push(key)
      this.#keyPlaces.set(key, place)
    }
    return place
  }

  window(quota: Quota): number {
    let place = this.#windowPlaces.get(quota)
    if (place === undefined) {
      place = this.windows.push(this.#text(quota))
      this.#windowPlaces.set(quota, place)
    }
    return place
  }
}

class Reader implements BatchReader {
  readonly now: number
  readonly #reply: readonly (number | string)[]
  #at = 1

  constructor(reply: readonly (number | string)[]) {
    this.now = Number(reply[0])
    this.#reply = reply
  }

  next(): number {
    return Number(this.#reply[this.#at++])
  }
}
