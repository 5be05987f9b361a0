import { headerName, type Clock, type Exchange, type ResponseLike } from '@hardening/core'
import type { Selection } from '../selection.js'
import type { Quota } from '../quota.js'
import type { Verdict } from '../verdict.js'
import type { PolicyStanding, RateLimitHeaderFormat, RateLimitHeaderWriter } from './format.js'
import { headerWriters } from './writers.js'

/** Where a response keeps which limiters it has passed and what they have told. */
const passedSlot: unique symbol = Symbol.for('@hardening/ratelimit-passed@1')

interface Passed {
  /** The limiters, by identity: the first, and those behind it. */
  readonly first: unknown
  others: unknown[] | undefined
  /** Values of the fields that are lists, so that the next limiter adds to them. */
  rateLimit: string
  policy: string
}

type Carrier = ResponseLike & { [passedSlot]?: Passed }

/** Notes that a limiter has seen a response's request; `false` where it had before, being mounted twice. */
export function passOnce(res: ResponseLike, limiter: unknown): boolean {
  const passed = (res as Carrier)[passedSlot]
  if (passed === undefined) {
    ;(res as Carrier)[passedSlot] = { first: limiter, others: undefined, rateLimit: '', policy: '' }
    return true
  }
  if (passed.first === limiter || passed.others?.includes(limiter) === true) return false
  ;(passed.others ??= []).push(limiter)
  return true
}

/** Writes what a verdict says into the headers of a response. */
export type VerdictHeaders = (exchange: Exchange, selection: Selection, verdict: Verdict) => void

/** The function for a form. Form 8, the default, is put together from parts that are ready. */
export function verdictHeaders(
  format: RateLimitHeaderFormat | RateLimitHeaderWriter | false,
  clock: Clock,
): VerdictHeaders {
  if (format === false) return () => undefined
  if (format === 'draft-8') return writeDraft8
  const write = typeof format === 'function' ? format : headerWriters[format]
  return (exchange, selection, verdict) => {
    const standings = standingsOf(selection.quotas, verdict)
    if (standings.length === 0) return
    for (const [name, value] of write(standings, clock.now())) {
      const isList = format === 'draft-11' && name.startsWith('RateLimit')
      exchange.setHeader(name, isList ? added(exchange.res, name === 'RateLimit', value) : value)
    }
  }
}

const limitName = headerName('RateLimit')
const policyName = headerName('RateLimit-Policy')

function writeDraft8(exchange: Exchange, selection: Selection, verdict: Verdict): void {
  const { items, policyHeader } = selection
  if (policyHeader === '') return
  let value = items?.of(verdict) ?? itemsOf(selection, verdict)
  let policy = policyHeader
  const passed = (exchange.res as Carrier)[passedSlot]
  if (passed !== undefined) {
    if (passed.rateLimit !== '') value = `${passed.rateLimit}, ${value}`
    if (passed.policy !== '') policy = `${passed.policy}, ${policy}`
    passed.rateLimit = value
    passed.policy = policy
  }
  // Names were checked when the policies were made; the rest are numbers.
  exchange.setHeader(limitName, value, true)
  exchange.setHeader(policyName, policy, true)
}

function itemsOf({ itemStarts }: Selection, { remaining, resetMs }: Verdict): string {
  let value = ''
  for (let at = 0; at < itemStarts.length; at++) {
    const start = itemStarts[at] as string
    if (start === '') continue
    if (value !== '') value += ', '
    value += `${start}${remaining[at]};t=${Math.ceil((resetMs[at] as number) / 1000)}`
  }
  return value
}

/** A limiter behind another one tells of its policies too. */
function added(res: ResponseLike, isRateLimit: boolean, value: string): string {
  const passed = (res as Carrier)[passedSlot]
  if (passed === undefined) return value
  if (isRateLimit) return (passed.rateLimit = passed.rateLimit === '' ? value : `${passed.rateLimit}, ${value}`)
  return (passed.policy = passed.policy === '' ? value : `${passed.policy}, ${value}`)
}

function standingsOf(quotas: readonly Quota[], verdict: Verdict): PolicyStanding[] {
  return quotas.flatMap((policy, at) =>
    policy.isEnforced
      ? [
          {
            policy,
            remaining: verdict.remaining[at] as number,
            reset: Math.ceil((verdict.resetMs[at] as number) / 1000),
          },
        ]
      : [],
  )
}
