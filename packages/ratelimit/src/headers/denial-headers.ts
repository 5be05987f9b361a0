import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { Exchange, HeaderName, ResponseLike } from '@hardening/core'
import type { DenyEntry } from '../deny-cache.js'
import type { Policy } from '../policy.js'
import type { Selection } from '../selection.js'
import type { Verdict } from '../verdict.js'
import { quoted } from './format.js'
import type { VerdictHeaders } from './response-headers.js'
import { policyItem } from './writers.js'

/**
 * What the headers tell of a key that is refused without a question to the store: of the policies that refused it, that
 * nothing is left until it may come again. Of the others nothing is known now. Empty for a key that was blocked by hand.
 *
 * @param seconds - until a new attempt makes sense
 * @param res - the response, where limiters before this one may have told of theirs
 */
export function denialHeaders(
  { policies: names }: DenyEntry,
  policies: readonly Policy[],
  seconds: number,
  write: VerdictHeaders,
  res: ResponseLike = {} as ResponseLike,
): [name: string, value: string][] {
  const quotas = policies.filter(({ name }) => names.includes(name)).map(({ quota }) => quota)
  const headers: [string, string][] = []
  if (quotas.length === 0) return headers
  const selection = {
    quotas,
    itemStarts: quotas.map(({ name }) => `${quoted(name)};r=`),
    policyHeader: quotas.map(policyItem).join(', '),
  } as unknown as Selection
  const told = { remaining: quotas.map(() => 0), resetMs: quotas.map(() => seconds * 1000) } as unknown as Verdict
  const listener = {
    res,
    setHeader: (known: string | HeaderName, value: string) => {
      const name = typeof known === 'string' ? known : known.name
      validateHeaderName(name)
      validateHeaderValue(name, value)
      headers.push([name, value])
    },
  } as unknown as Exchange
  write(listener, selection, told)
  return headers
}
