import { finding, type AuditFinding, type Verdict } from './finding.js'
import { header, type Observed } from './observed.js'
import type { Policy } from './policy.js'

const frameResults = {
  'frames-by-policy': [5, 'The policy says who may frame the page (frame-ancestors).'],
  'frames-by-header': [0, 'X-Frame-Options says who may frame the page.'],
  'frames-allow-from': [
    0,
    'X-Frame-Options: ALLOW-FROM is not read by any browser.',
    'Set frame-ancestors in the policy.',
  ],
  'frames-missing': [-20, 'Any page may frame this one.', 'Use secureHeaders().'],
  'frames-invalid': [-20, 'X-Frame-Options cannot be read.', 'Set frame-ancestors in the policy.'],
} as const satisfies Record<string, Verdict>

/** Looks at who may frame a page. */
export function auditFrames({ headers }: Observed, policy: Policy | undefined): AuditFinding {
  const check = 'x-frame-options'
  if (policy?.directives.has('frame-ancestors')) return finding(check, frameResults, 'frames-by-policy')
  const value = header(headers, check)?.trim().toLowerCase() ?? ''
  if (value === 'deny' || value === 'sameorigin') return finding(check, frameResults, 'frames-by-header')
  if (value.startsWith('allow-from')) return finding(check, frameResults, 'frames-allow-from')
  return finding(check, frameResults, header(headers, check) ? 'frames-invalid' : 'frames-missing')
}

const sniffResults = {
  'sniffing-off': [0, 'Browsers believe the type of what they get.'],
  'sniffing-missing': [-5, 'There is no X-Content-Type-Options.', 'Use secureHeaders().'],
  'sniffing-invalid': [-5, 'X-Content-Type-Options cannot be read.', 'Set it to nosniff.'],
} as const satisfies Record<string, Verdict>

/** Looks at X-Content-Type-Options. */
export function auditSniffing({ headers }: Observed): AuditFinding {
  const check = 'x-content-type-options'
  const value = header(headers, check)
  if (!value) return finding(check, sniffResults, 'sniffing-missing')
  return finding(check, sniffResults, value.trim().toLowerCase() === 'nosniff' ? 'sniffing-off' : 'sniffing-invalid')
}

const referrerResults = {
  'referrer-private': [5, 'Other sites learn at most the origin that a visitor comes from.'],
  'referrer-default': [
    0,
    'There is no Referrer-Policy; browsers use strict-origin-when-cross-origin.',
    'Use secureHeaders().',
  ],
  'referrer-unsafe': [-5, 'Other sites, or plain HTTP, learn where a visitor comes from.', 'Set it to same-origin.'],
  'referrer-invalid': [-5, 'Referrer-Policy cannot be read.', 'Set it to same-origin.'],
} as const satisfies Record<string, Verdict>

const privatePolicies = new Set(['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin'])
const unsafePolicies = new Set(['origin', 'origin-when-cross-origin', 'unsafe-url', 'no-referrer-when-downgrade'])

/** Looks at the referrer policy, of the header and of a `meta` element; the last one that is known counts. */
export function auditReferrer({ headers }: Observed, meta: string | undefined): AuditFinding {
  const check = 'referrer-policy'
  const values = [header(headers, check), meta].filter((value) => value !== undefined)
  if (values.length === 0) return finding(check, referrerResults, 'referrer-default')
  const known = values
    .join(',')
    .split(',')
    .map((value) => value.trim().toLowerCase())
    .findLast((value) => privatePolicies.has(value) || unsafePolicies.has(value))
  if (known === undefined) return finding(check, referrerResults, 'referrer-invalid')
  return finding(check, referrerResults, privatePolicies.has(known) ? 'referrer-private' : 'referrer-unsafe')
}

const resourceResults = {
  'resource-policy-missing': [
    0,
    'Other sites may embed this resource (no Cross-Origin-Resource-Policy).',
    'Use secureHeaders().',
  ],
  'resource-policy-same-origin': [10, 'Other origins may not embed this resource.'],
  'resource-policy-same-site': [10, 'Other sites may not embed this resource.'],
  'resource-policy-cross-origin': [0, 'Other sites may embed this resource, on purpose.'],
  'resource-policy-invalid': [-5, 'Cross-Origin-Resource-Policy cannot be read.', 'Set it to same-origin.'],
} as const satisfies Record<string, Verdict>

/** Looks at Cross-Origin-Resource-Policy. */
export function auditResourcePolicy({ headers }: Observed): AuditFinding {
  const check = 'cross-origin-resource-policy'
  const value = header(headers, check)?.trim().toLowerCase()
  if (!value) return finding(check, resourceResults, 'resource-policy-missing')
  const result = `resource-policy-${value}` as keyof typeof resourceResults
  const known = value === 'same-origin' || value === 'same-site' || value === 'cross-origin'
  return finding(check, resourceResults, known ? result : 'resource-policy-invalid')
}

const sharingResults = {
  'sharing-none': [0, 'Scripts of other origins cannot read answers.'],
  'sharing-public': [0, 'Scripts of all origins can read answers, without credentials.'],
  'sharing-restricted': [0, 'Scripts of some origins can read answers.'],
  'sharing-universal': [
    -50,
    'Scripts of every origin can read answers with the credentials of the visitor.',
    'Use corsPolicy() with a list of origins.',
  ],
} as const satisfies Record<string, Verdict>

/** Looks at what a preflight of an unknown origin is told. */
export function auditSharing({ cors }: Observed): AuditFinding {
  const check = 'cross-origin-resource-sharing'
  const allowed = cors === undefined ? undefined : header(cors.headers, 'access-control-allow-origin')
  if (cors === undefined || !allowed) return finding(check, sharingResults, 'sharing-none')
  if (allowed.trim() === '*') return finding(check, sharingResults, 'sharing-public')
  const credentials = header(cors.headers, 'access-control-allow-credentials')?.trim().toLowerCase() === 'true'
  const result = allowed === cors.origin && credentials ? 'sharing-universal' : 'sharing-restricted'
  return finding(check, sharingResults, result)
}
