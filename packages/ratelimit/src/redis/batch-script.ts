import { createHash } from 'node:crypto'
import type { RedisScript } from '@hardening/core'
import type { PenaltyRules } from '../penalty.js'
import type { Quota } from '../quota.js'
import { headPart } from './script-head.js'
import { takePart } from './script-take.js'
import { unitsPart } from './script-units.js'

/** Id, start, current and previous. */
const packedWindow = 'I4dI4I4'

/** A script whose number of keys is not settled yet. */
export interface BatchScript {
  readonly lua: string
  readonly sha1: string
}

/**
 * All that a limiter asks of Redis in one turn of the event loop, in one call. ARGV: windows as JSON, units as JSON or
 * empty text (each key takes once from all windows), lifetime, and the time in ms, or nothing for the server's.
 */
export function anyScript(penalty: PenaltyRules | undefined): BatchScript {
  return finish(
    penalty,
    `
local windows = cjson.decode(ARGV[1])
local units = ARGV[2] ~= '' and cjson.decode(ARGV[2])
local lifetime, now, times = ARGV[3], tonumber(ARGV[4]), false
local count = #windows
local format = '<' .. string.rep('${packedWindow}', count)
`,
  )
}

/**
 * The same for calls in which all take one unit from each of these windows, which nearly all are: what never changes is
 * neither sent nor read again. ARGV: how often each key takes as JSON, or empty text for once, and the time in ms, or
 * nothing for the server's.
 */
export function takeScript(
  quotas: readonly Quota[],
  lifetimeMs: number,
  penalty: PenaltyRules | undefined,
): BatchScript {
  const windows = quotas.map((quota) => `  { ${windowNumbers(quota).join(', ')}, 1 },\n`)
  return finish(
    penalty,
    `
local windows = {
${windows.join('')}}
local times = ARGV[1] ~= '' and cjson.decode(ARGV[1])
local units, lifetime, now = false, '${lifetimeMs}', tonumber(ARGV[2])
local count, format = ${quotas.length}, '<${packedWindow.repeat(quotas.length)}'
`,
  )
}

/** A window as the script knows it, without its cost. */
export function windowNumbers({
  id,
  counts,
  limit,
  windowMs,
  burst,
  isEnforced,
  countsRefused,
}: Quota): readonly number[] {
  return [id, counts.code, limit, windowMs, burst, Number(isEnforced), Number(countsRefused)]
}

/** The script for a call with so many keys. */
export function withKeys({ lua, sha1 }: BatchScript, keys: number): RedisScript {
  return { name: 'rate-limit', lua, keys, sha1 }
}

function finish(penalty: PenaltyRules | undefined, rules: string): BatchScript {
  const lua = rules + headPart + takePart + unitsPart(penalty)
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') }
}
