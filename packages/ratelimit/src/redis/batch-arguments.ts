import type { PenaltyRules } from '../penalty.js'
import type { Claim, Quota } from '../quota.js'
import { anyScript, takeScript, windowNumbers, type BatchScript } from './batch-script.js'
import type { BatchWriter, Unit } from './units.js'

/** What is sent for the units of one call. */
export interface BatchCall {
  readonly script: BatchScript
  readonly keys: readonly string[]
  readonly args: string[]
  /** Those who asked, in the order of the answers. */
  readonly units: readonly Unit[]
}

/** Scripts with their windows written into them. Paths and methods may make more sets of windows than that. */
const mostTakeScripts = 16

/** Redis would round a shorter time up. */
const leastLifetimeMs = 1000

/** The time of tests does not pass in Redis, where keys end by its own. */
const testLifetimeMs = 60_000

/** Puts the units of a call into what the script reads. */
export class BatchArguments {
  readonly #quotas: ReadonlySet<Quota>
  readonly #penalty: PenaltyRules | undefined
  readonly #now: (() => number) | undefined
  readonly #lifetimeMs: number
  readonly #anyScript: BatchScript
  readonly #takeScripts = new Map<string, BatchScript>()
  readonly #scriptOf = new WeakMap<readonly Quota[], BatchScript>()
  readonly #texts = new WeakMap<Quota, string>()

  constructor(quotas: readonly Quota[], penalty: PenaltyRules | undefined, now: (() => number) | undefined) {
    this.#quotas = new Set(quotas)
    this.#penalty = penalty
    this.#now = now
    const least = now === undefined ? leastLifetimeMs : testLifetimeMs
    this.#lifetimeMs = longest(quotas, least)
    this.#anyScript = anyScript(penalty)
  }

  of(units: readonly Unit[]): BatchCall {
    const claim = sharedClaim(units)
    const call = claim === undefined ? this.#mixed(units) : this.#alike(units, claim)
    if (this.#now !== undefined) call.args.push(String(this.#now()))
    return call
  }

  #alike(units: readonly Unit[], { quotas, costs }: Claim): BatchCall {
    const groups = byKey(units)
    const keys = groups === undefined ? units.map((unit) => unit.keys[0] as string) : [...groups.keys()]
    const script = costs.every((cost) => cost === 1) ? this.#takeScript(quotas) : undefined
    if (groups !== undefined) {
      if (script === undefined) return this.#mixed(units)
      const together = [...groups.values()]
      return { script, keys, args: [`[${together.map(({ length }) => length).join()}]`], units: together.flat() }
    }
    if (script !== undefined) return { script, keys, args: [''], units }
    const windows = quotas.map((quota, slot) => this.#text(quota, costs[slot] as number))
    return {
      script: this.#anyScript,
      keys,
      args: [`[${windows.join(',')}]`, '', String(longest(quotas, this.#lifetimeMs))],
      units,
    }
  }

  #mixed(units: readonly Unit[]): BatchCall {
    const writer = new Writer()
    for (const unit of units) unit.write(writer)
    const { keys, quotas, numbers } = writer
    const windows = quotas.map((quota) => this.#text(quota, 1))
    const lifetime = String(longest(quotas, this.#lifetimeMs))
    return {
      script: this.#anyScript,
      keys,
      args: [`[${windows.join(',')}]`, `[${numbers.join(',')}]`, lifetime],
      units,
    }
  }

  /** The script for these windows; `undefined` where they are worked out for each request. */
  #takeScript(quotas: readonly Quota[]): BatchScript | undefined {
    const known = this.#scriptOf.get(quotas)
    if (known !== undefined) return known
    if (!quotas.every((quota) => this.#quotas.has(quota))) return undefined
    const name = quotas.map(({ id }) => id).join()
    let script = this.#takeScripts.get(name)
    if (script === undefined) {
      if (this.#takeScripts.size >= mostTakeScripts) return undefined
      script = takeScript(quotas, this.#lifetimeMs, this.#penalty)
      this.#takeScripts.set(name, script)
    }
    this.#scriptOf.set(quotas, script)
    return script
  }

  #text(quota: Quota, cost: number): string {
    let text = this.#texts.get(quota)
    if (text === undefined) {
      text = windowNumbers(quota).join(',')
      this.#texts.set(quota, text)
    }
    return `[${text},${cost}]`
  }
}

/** Milliseconds after which nothing of these windows matters any more. */
function longest(quotas: readonly Quota[], least: number): number {
  let ms = least
  for (const quota of quotas) ms = Math.max(ms, Math.ceil(quota.counts.lifetime(quota)))
  return ms
}

/** What every unit of a call takes, where that is the same for all. */
function sharedClaim(units: readonly Unit[]): Claim | undefined {
  const first = units[0]?.single
  if (first === undefined) return undefined
  for (let at = 1; at < units.length; at++) {
    const { single } = units[at] as Unit
    if (single === undefined || !isAlike(single.quotas, first.quotas) || !isAlike(single.costs, first.costs)) return
  }
  return first
}

/** Units of one key together, in the order in which they asked; `undefined` where each has a key of its own. */
function byKey(units: readonly Unit[]): Map<string, Unit[]> | undefined {
  if (new Set(units.map((unit) => unit.keys[0])).size === units.length) return undefined
  const groups = new Map<string, Unit[]>()
  for (const unit of units) {
    const key = unit.keys[0] as string
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [unit])
    else group.push(unit)
  }
  return groups
}

function isAlike(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one === other || (one.length === other.length && one.every((item, at) => item === other[at]))
}

class Writer implements BatchWriter {
  readonly keys: string[] = []
  readonly quotas: Quota[] = []
  readonly numbers: number[] = []
  readonly #keyPlaces = new Map<string, number>()
  readonly #quotaPlaces = new Map<Quota, number>()

  key(key: string): number {
    let place = this.#keyPlaces.get(key)
    if (place === undefined) {
      place = this.keys.push(key)
      this.#keyPlaces.set(key, place)
    }
    return place
  }

  window(quota: Quota): number {
    let place = this.#quotaPlaces.get(quota)
    if (place === undefined) {
      place = this.quotas.push(quota)
      this.#quotaPlaces.set(quota, place)
    }
    return place
  }
}
