import { auditPolicy } from './content-security-policy.js'
import { auditCookies } from './cookies.js'
import type { AuditFinding } from './finding.js'
import { findTags, type Tag } from './html-tags.js'
import { auditNotes } from './notes.js'
import type { Observed } from './observed.js'
import { auditFrames, auditReferrer, auditResourcePolicy, auditSharing, auditSniffing } from './plain-headers.js'
import { auditIntegrity } from './subresource-integrity.js'
import { auditHsts, auditRedirection, keepsHttps } from './transport.js'

/** A grade from `A+` to `F`. */
export type Grade = 'A+' | 'A' | 'A-' | 'B+' | 'B' | 'B-' | 'C+' | 'C' | 'C-' | 'D+' | 'D' | 'D-' | 'F'

/** Grade, points and what they come from. */
export interface Graded {
  readonly grade: Grade
  /** Points; 100 where nothing was found, more for what goes beyond. */
  readonly score: number
  readonly findings: readonly AuditFinding[]
}

const steps: readonly (readonly [from: number, grade: Grade])[] = [
  [100, 'A+'],
  [90, 'A'],
  [85, 'A-'],
  [80, 'B+'],
  [70, 'B'],
  [65, 'B-'],
  [60, 'C+'],
  [50, 'C'],
  [45, 'C-'],
  [40, 'D+'],
  [30, 'D'],
  [25, 'D-'],
  [0, 'F'],
]

/** Points below which gains do not count. */
const gainsFrom = 90

/**
 * Grades what was seen of a server by the method of Mozilla's HTTP Observatory, version 4.
 *
 * @see https://github.com/mdn/mdn-http-observatory
 */
export function grade(observed: Observed): Graded {
  const tags = observed.html === undefined ? [] : findTags(observed.html, new Set(['meta', 'script']))
  const metas = tags.filter(({ name }) => name === 'meta')
  const scripts = tags.filter(({ name }) => name === 'script')
  const { finding: csp, policy } = auditPolicy(observed, metaPolicies(metas))
  const hsts = auditHsts(observed)
  const graded = [
    csp,
    auditCookies(observed, keepsHttps(hsts)),
    auditSharing(observed),
    auditRedirection(observed),
    auditReferrer(observed, metaReferrer(metas)),
    hsts,
    auditIntegrity(observed, scripts),
    auditSniffing(observed),
    auditFrames(observed, policy),
    auditResourcePolicy(observed),
  ]
  const lost = graded.reduce((sum, { modifier }) => sum + Math.min(0, modifier), 100)
  const gained = graded.reduce((sum, { modifier }) => sum + Math.max(0, modifier), 0)
  const score = Math.max(0, lost >= gainsFrom ? lost + gained : lost)
  const [, letter] = steps.find(([from]) => score >= from) as readonly [number, Grade]
  return { grade: letter, score, findings: [...graded, ...auditNotes(observed, policy)] }
}

function metaPolicies(metas: readonly Tag[]): string[] {
  return metas.flatMap(({ attributes }) => {
    const content = attributes.get('content')
    return content && attributes.get('http-equiv')?.trim().toLowerCase() === 'content-security-policy' ? [content] : []
  })
}

function metaReferrer(metas: readonly Tag[]): string | undefined {
  const values = metas.flatMap(({ attributes }) => {
    const named = !(attributes.has('http-equiv') && attributes.has('content'))
    const content = attributes.get('content')
    return named && content && attributes.get('name')?.trim().toLowerCase() === 'referrer' ? [content] : []
  })
  return values.at(-1)
}
