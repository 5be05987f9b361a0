import { AsyncResource } from 'node:async_hooks'
import type { ExchangeRecord } from './exchange-record.js'
import type { Next } from './http.js'

/**
 * So many go on before their turn of the event loop is over. More at a time save little more, and what is half done when
 * the young generation is collected outlives it: were there many, it would grow to its most.
 */
const mostMembers = 8

/** A request that waits for the others, in the contexts in which it came. */
class Member extends AsyncResource {
  readonly exchange: ExchangeRecord
  readonly next: Next

  constructor(exchange: ExchangeRecord, next: Next) {
    super('HardeningCohort')
    this.exchange = exchange
    this.next = next
  }
}

/** Requests that have arrived in one turn of the event loop and begin what comes next together. */
export class Cohort {
  readonly #begin: (exchange: ExchangeRecord, next: Next) => void
  #members: Member[] = []
  #turnEnds = false

  constructor(begin: (exchange: ExchangeRecord, next: Next) => void) {
    this.#begin = begin
  }

  join(exchange: ExchangeRecord, next: Next): void {
    const count = this.#members.push(new Member(exchange, next))
    // Not at once, for this is still in the middle of the last one's arrival.
    if (count === mostMembers) process.nextTick(this.#go)
    if (this.#turnEnds) return
    this.#turnEnds = true
    setImmediate(this.#endTurn)
  }

  readonly #endTurn = (): void => {
    this.#turnEnds = false
    this.#go()
  }

  readonly #go = (): void => {
    const members = this.#members
    this.#members = []
    let at = 0
    try {
      while (at < members.length) {
        const member = members[at++] as Member
        member.runInAsyncScope(this.#begin, undefined, member.exchange, member.next)
      }
    } finally {
      // Where one of them throws, the others still have their turn.
      if (at < members.length) {
        this.#members.unshift(...members.slice(at))
        setImmediate(this.#go)
      }
    }
  }
}
