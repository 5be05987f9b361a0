import { leakingHeaders } from '../headers/leaking-headers.js'
import { finding, type AuditFinding, type Verdict } from './finding.js'
import { header, type Observed } from './observed.js'
import type { Policy } from './policy.js'

const baseResults = {
  'base-uri-missing': [
    0,
    'A base element that gets in sends all relative addresses elsewhere.',
    "Set base-uri 'none'.",
  ],
} as const satisfies Record<string, Verdict>

const permissionsResults = {
  'permissions-missing': [0, 'There is no Permissions-Policy.', 'Use secureHeaders().'],
} as const satisfies Record<string, Verdict>

const openerResults = {
  'opener-missing': [0, 'There is no Cross-Origin-Opener-Policy.', 'Use secureHeaders().'],
} as const satisfies Record<string, Verdict>

/** What does not count for the grade, but should be mended: OWASP ASVS 5.0 3.4.3, 3.4.8, 13.4.6. */
export function auditNotes({ headers }: Observed, policy: Policy | undefined): AuditFinding[] {
  const notes: AuditFinding[] = []
  const leaks = leakingHeaders.filter((name) => headers[name.toLowerCase()] !== undefined)
  if (leaks.length > 0) {
    const results = {
      'headers-leak': [0, `Headers tell what the server is made of: ${leaks.join(', ')}.`, 'Use secureHeaders().'],
    } as const satisfies Record<string, Verdict>
    notes.push(finding('leaking-headers', results, 'headers-leak'))
  }
  if (header(headers, 'permissions-policy') === undefined) {
    notes.push(finding('permissions-policy', permissionsResults, 'permissions-missing'))
  }
  if (header(headers, 'cross-origin-opener-policy') === undefined) {
    notes.push(finding('cross-origin-opener-policy', openerResults, 'opener-missing'))
  }
  const base = policy?.directives.get('base-uri')
  if (policy !== undefined && (base === undefined || base.has('*'))) {
    notes.push(finding('base-uri', baseResults, 'base-uri-missing'))
  }
  return notes
}
