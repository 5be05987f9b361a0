import type { AddressSet, Clock, Exchange, NoteKey, Step } from '@hardening/core'
import type { Concurrency } from './concurrency.js'
import { Decisions } from './decisions.js'
import { refusedNames, type Denials } from './denials.js'
import type { DenyEntry } from './deny-cache.js'
import {
  RateLimitBlockedError,
  RateLimitDeniedError,
  RateLimitExceededError,
  RateLimitUnavailableError,
  RateLimitValueError,
} from './errors.js'
import { denialHeaders } from './headers/denial-headers.js'
import { passOnce, type VerdictHeaders } from './headers/response-headers.js'
import { withoutPort, type ClientAddress } from './keys/client-address.js'
import type { KeySource } from './keys/key-source.js'
import type { PathTest } from './path-pattern.js'
import type { Policy } from './policy.js'
import type { Claim } from './quota.js'
import { claimOf, ownClaims, type Selection, type Selector } from './selection.js'
import type { RateLimitStore } from './store.js'
import { isThenable } from './thenable.js'
import { Verdict } from './verdict.js'

/** A limiter's options, checked and made into what is used at each request. */
export interface ResolvedLimiter {
  readonly name: string
  readonly keys: readonly KeySource[]
  readonly address: ClientAddress
  readonly policies: readonly Policy[]
  readonly selector: Selector
  readonly skip: ((exchange: Exchange) => boolean) | undefined
  readonly skipPath: PathTest | undefined
  readonly allow: AddressSet | undefined
  readonly deny: AddressSet | undefined
  readonly concurrency: Concurrency | undefined
  readonly writeHeaders: VerdictHeaders
  readonly store: RateLimitStore
  /** Counts for this instance while the store is out of reach. */
  readonly ownStore: RateLimitStore
  readonly instances: number
  readonly denials: Denials
  readonly clock: Clock
}

/** What a request took, to be corrected when its response has ended. */
interface Taken {
  readonly selection: Selection
  readonly claims: readonly Claim[]
  readonly at: number
  readonly store: RateLimitStore
}

/** Seconds after which a client may ask again while limits cannot be checked. */
const unavailableSeconds = 5

/** Verdicts kept for the requests that wait side by side. */
const mostSpares = 128

/** The way of a request through a limiter. Synchronous where the store is. */
export class Limiter {
  readonly #parts: ResolvedLimiter
  readonly #decisions: Decisions
  readonly #taken: NoteKey<Taken> = { name: 'ratelimit-taken' }
  readonly #place: NoteKey<string> = { name: 'ratelimit-place' }
  /** The verdict to be used again; taken out while it is in use. */
  #spare: Verdict | undefined = undefined
  /** More of them, of requests that waited. */
  readonly #spares: Verdict[] = []
  #isDegraded = false

  constructor(parts: ResolvedLimiter) {
    this.#parts = parts
    this.#decisions = new Decisions(parts.name)
  }

  /** Whether the last decision was made without the store. */
  get isDegraded(): boolean {
    return this.#isDegraded
  }

  /** The limiter as a step. It only wants to hear of the end where that changes what is counted. */
  get step(): Step {
    const wantsEnd =
      this.#parts.concurrency !== undefined || this.#parts.policies.some(({ finalCost }) => finalCost !== undefined)
    const request = (exchange: Exchange): void | Promise<void> => this.request(exchange)
    if (!wantsEnd) return { name: 'rateLimit', request }
    return { name: 'rateLimit', request, end: (exchange) => this.end(exchange) }
  }

  request(exchange: Exchange): void | Promise<void> {
    const { allow, deny, denials, selector, keys, concurrency } = this.#parts
    if (!passOnce(exchange.res, this) || this.#isSkipped(exchange)) return
    if (allow !== undefined || deny !== undefined) {
      // Text that is no address is on neither list; it is counted as what `ClientAddress` makes of it.
      const ip = exchange.ip === undefined ? undefined : withoutPort(exchange.ip)
      if (ip !== undefined && allow?.has(ip)) return
      if (ip !== undefined && deny?.has(ip)) return exchange.refuse(new RateLimitDeniedError())
    }
    if (concurrency !== undefined && !this.#enter(exchange, concurrency)) return
    const selection = selector.select(exchange)
    const { parts } = selection
    let claims: Claim[] | undefined
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] as Selection['parts'][number]
      const key = (keys[part.group] as KeySource).of(exchange)
      const denied = denials.size === 0 ? undefined : denials.find(part.group, key)
      if (denied !== undefined) return this.#refuseDenied(exchange, denied)
      const claim = claimOf(selection, part, key, exchange)
      // Nearly all limiters have one kind of key; a list that grows gets room for many.
      if (claims === undefined) claims = [claim]
      else claims.push(claim)
    }
    if (claims === undefined) return
    return this.#take(exchange, selection, claims)
  }

  end(exchange: Exchange): void {
    const place = exchange.note(this.#place)
    if (place !== undefined) {
      exchange.setNote(this.#place, undefined as never)
      this.#parts.concurrency?.leave(place)
    }
    const taken = exchange.note(this.#taken)
    if (taken === undefined) return
    exchange.setNote(this.#taken, undefined as never)
    this.#correct(exchange, taken)
  }

  #isSkipped(exchange: Exchange): boolean {
    const { skip, skipPath } = this.#parts
    if (skipPath !== undefined) {
      const { method } = exchange
      if ((method === 'GET' || method === 'HEAD') && skipPath(exchange.path)) return true
    }
    if (skip === undefined) return false
    const found: unknown = skip(exchange)
    // A promise is no answer: taken for one it would leave every request uncounted.
    if (isThenable(found)) throw new RateLimitValueError(this.#parts.name, 'skip', 'true or false at once', found)
    return Boolean(found)
  }

  #enter(exchange: Exchange, concurrency: Concurrency): boolean {
    const place = concurrency.enter(exchange)
    if (place === undefined) {
      if (this.#decisions.isHeard) this.#decisions.tell(exchange, 'limited', concurrency.name, false)
      exchange.refuse(new RateLimitExceededError({ policies: [concurrency.name], retryAfter: 1 }))
      return false
    }
    exchange.setNote(this.#place, place)
    if (!concurrency.isEnforced && this.#decisions.isHeard && concurrency.isOver(exchange, place)) {
      this.#decisions.tell(exchange, 'would_block', concurrency.name, false)
    }
    return true
  }

  #take(exchange: Exchange, selection: Selection, claims: Claim[]): void | Promise<void> {
    const { store } = this.#parts
    if (store.available === false) return this.#decideAlone(exchange, selection, claims, undefined)
    const verdict = this.#spare ?? this.#spares.pop() ?? new Verdict()
    this.#spare = undefined
    let waiting: void | Promise<void>
    try {
      waiting = store.take(claims, verdict)
    } catch (error) {
      return this.#decideAlone(exchange, selection, claims, error)
    }
    if (waiting === undefined) {
      this.#isDegraded = false
      this.#conclude(exchange, selection, claims, verdict, store)
      this.#spare = verdict
      return
    }
    return waiting.then(
      () => this.#answered(exchange, selection, claims, verdict),
      (error: unknown) => {
        this.#decideAlone(exchange, selection, claims, error)
        if (exchange.ended) this.end(exchange)
      },
    )
  }

  #answered(exchange: Exchange, selection: Selection, claims: Claim[], verdict: Verdict): void {
    this.#isDegraded = false
    this.#conclude(exchange, selection, claims, verdict, this.#parts.store)
    if (this.#spares.length < mostSpares) this.#spares.push(verdict)
    // The client has gone meanwhile, and its end has found nothing to correct.
    if (exchange.ended) this.end(exchange)
  }

  /** What each policy's failure mode says. */
  #decideAlone(exchange: Exchange, selection: Selection, claims: Claim[], cause: unknown): void {
    this.#isDegraded = true
    const { policies } = selection
    const closed = policies.filter(({ onStoreFailure, quota }) => onStoreFailure === 'closed' && quota.isEnforced)
    if (closed.length > 0) {
      const names = closed.map(({ name }) => name)
      if (this.#decisions.isHeard) this.#decisions.tell(exchange, 'failed_closed', names[0] as string, true)
      exchange.refuse(new RateLimitUnavailableError({ policies: names, retryAfter: unavailableSeconds }, cause))
      return
    }
    if (this.#decisions.isHeard) {
      for (const { name, onStoreFailure } of policies) {
        if (onStoreFailure === 'open') this.#decisions.tell(exchange, 'failed_open', name, true)
      }
    }
    const own = ownClaims(selection, claims, this.#parts.instances)
    if (own.claims.length === 0) return
    const store = this.#parts.ownStore
    const verdict = new Verdict()
    void store.take(own.claims, verdict)
    verdict.degraded = true
    this.#conclude(exchange, own.selection, own.claims, verdict, store)
  }

  #conclude(
    exchange: Exchange,
    selection: Selection,
    claims: readonly Claim[],
    verdict: Verdict,
    store: RateLimitStore,
  ): void {
    this.#parts.writeHeaders(exchange, selection, verdict)
    if (verdict.allowed) {
      if (this.#decisions.isHeard) this.#decisions.tellPassed(exchange, selection, verdict)
      if (selection.isCorrected) exchange.setNote(this.#taken, { selection, claims, at: verdict.at, store })
      return
    }
    const policies = refusedNames(selection, verdict)
    const isBlocked = verdict.blockedMs > 0
    this.#parts.denials.learn(selection, claims, verdict, !exchange.trustsProxy)
    if (this.#decisions.isHeard) {
      const outcome = isBlocked ? 'blocked' : 'limited'
      this.#decisions.tell(exchange, outcome, policies[0] ?? (selection.policies[0] as Policy).name, verdict.degraded)
    }
    const waitMs = isBlocked ? verdict.blockedMs : verdict.longestWait(selection.quotas)
    this.#refuse(exchange, isBlocked, policies, waitMs)
  }

  #refuseDenied(exchange: Exchange, entry: DenyEntry): void {
    const { denials, clock, policies, writeHeaders } = this.#parts
    denials.hit(entry)
    this.#isDegraded = entry.isOwn
    const waitMs = entry.until - clock.monotonic()
    const seconds = Math.max(1, Math.ceil(waitMs / 1000))
    for (const [name, value] of denialHeaders(entry, policies, seconds, writeHeaders, exchange.res))
      exchange.setHeader(name, value, true)
    if (this.#decisions.isHeard) {
      const outcome = entry.isBlocked ? 'blocked' : 'limited'
      this.#decisions.tell(exchange, outcome, entry.policies[0] ?? (policies[0] as Policy).name, entry.isOwn)
    }
    this.#refuse(exchange, entry.isBlocked, entry.policies, waitMs)
  }

  #refuse(exchange: Exchange, isBlocked: boolean, policies: readonly string[], waitMs: number): void {
    const details = { policies, retryAfter: Math.max(1, Math.ceil(waitMs / 1000)) }
    exchange.refuse(isBlocked ? new RateLimitBlockedError(details) : new RateLimitExceededError(details))
  }

  /** Takes what a response turned out to cost in place of what was taken for it. */
  #correct(exchange: Exchange, { selection, claims, at, store }: Taken): void {
    selection.parts.forEach((part, index) => {
      const claim = claims[index] as Claim
      let differs = false
      const costs = part.policies.map(({ finalCost, name }, slot) => {
        const cost = claim.costs[slot] as number
        if (finalCost === undefined) return 0
        const final = finalCost(exchange, cost)
        if (!Number.isSafeInteger(final) || final < 0) {
          throw new RateLimitValueError(name, 'cost', 'a whole number of at least 0', final)
        }
        if (final !== cost) differs = true
        return final - cost
      })
      if (!differs) return
      // A store that is out of reach keeps what was taken: too much rather than too little.
      if (store.available === false) return
      const waiting = store.adjust({ ...claim, costs }, at)
      waiting?.catch(() => undefined)
    })
  }
}
