import { exchangeOf, type Exchange, type NoteKey, type ResponseLike } from '@hardening/core'
import type { Detection } from './detection.js'

/** A detection and where in the request it was made. */
export interface ThreatFinding extends Detection {
  /** `path`, `query.q`, `header.referer`, `cookie.theme`, `body.user.name`, `body.items.*`. Never the value. */
  readonly field: string
}

/** What is known about the threat in a request. */
export interface ThreatRecord {
  /** Sum of the scores of all findings. */
  readonly score: number
  /** Sum of the scores of the findings up to the blocking level. */
  readonly blockingScore: number
  readonly findings: readonly ThreatFinding[]
}

/** Where the findings of a request are noted, for other steps. */
export const threatNote: NoteKey<ThreatRecord> = { name: 'hardening:threat' }

/**
 * The findings in the request of a response so far; `undefined` where there are none.
 *
 * @example
 * app.post('/comments', (req, res) => {
 *   const held = threatsOf(res) !== undefined
 * })
 */
export function threatsOf(res: ResponseLike): ThreatRecord | undefined {
  return exchangeOf(res)?.note(threatNote)
}

/** The record of an exchange, extended. */
export function noteThreats(
  exchange: Exchange,
  findings: readonly ThreatFinding[],
  blockingLevel: number,
): ThreatRecord {
  const before = exchange.note(threatNote)
  let score = before?.score ?? 0
  let blockingScore = before?.blockingScore ?? 0
  for (const finding of findings) {
    score += finding.score
    if (finding.level <= blockingLevel) blockingScore += finding.score
  }
  const record = { score, blockingScore, findings: before === undefined ? findings : [...before.findings, ...findings] }
  exchange.setNote(threatNote, record)
  return record
}

const plainName = /^[\w.-]{1,64}$/

/** A part of a field's name, if it is plain enough to be shown; what a client makes up is not. */
export function fieldPart(name: string): string {
  return plainName.test(name) ? name : '*'
}
