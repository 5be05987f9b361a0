import { finding, type AuditFinding, type Verdict } from './finding.js'
import { header, type Observed } from './observed.js'
import { readPolicies, type Policy } from './policy.js'

const results = {
  'csp-default-none': [10, "The policy begins with default-src 'none' and allows nothing unsafe."],
  'csp-no-unsafe': [5, 'The policy allows nothing unsafe.'],
  'csp-repeated-reporting': [
    0,
    'The policy has report-uri or report-to twice.',
    'Leave the second one out: browsers take only the first.',
  ],
  'csp-unsafe-style': [0, 'The policy allows inline or arbitrary styles, but no unsafe scripts.'],
  'csp-insecure-images': [
    -10,
    'The policy allows images or media over plain HTTP.',
    'Name only https: sources in img-src and media-src.',
  ],
  'csp-unsafe-eval': [-10, "The policy allows 'unsafe-eval'.", 'Do without eval and take the source out.'],
  'csp-unsafe-scripts': [
    -20,
    'The policy allows inline scripts, or scripts or plug-ins from anywhere.',
    "Give scripts a nonce, and set script-src and object-src ('none').",
  ],
  'csp-insecure-scheme': [
    -20,
    'The policy allows scripts or other active content over plain HTTP.',
    'Name only https: sources.',
  ],
  'csp-invalid': [
    -25,
    'The policy cannot be read.',
    'Give each directive once, and a nonce or hash to strict-dynamic.',
  ],
  'csp-missing': [-25, 'There is no Content-Security-Policy.', 'Use secureHeaders().'],
  'csp-only-reported': [
    -25,
    'There is only a policy that browsers report on.',
    'Enforce one as well: contentSecurityPolicy beside contentSecurityPolicyReportOnly.',
  ],
} as const satisfies Record<string, Verdict>

const broad = new Set(['ftp:', 'http:', 'https:', '*', 'http://*', 'http://*.*', 'https://*', 'https://*.*'])
const inline = new Set(["'unsafe-inline'", 'data:'])
const isBroad = (source: string): boolean => broad.has(source)
const isBroadOrInline = (source: string): boolean => broad.has(source) || inline.has(source)
const isPlain = (source: string): boolean => source.startsWith('http:') || source.startsWith('ftp:')
const isNonceOrHash = (source: string): boolean => /^'(?:nonce|sha256|sha384|sha512)-/.test(source)

/** Directives that count only in a header (HTML standard, `meta` element). */
const headerOnly = ['frame-ancestors', 'report-uri', 'sandbox']

/** What {@link auditPolicy} gives beside its finding. */
export interface PolicyAudit {
  readonly finding: AuditFinding
  /** The policy, where there is one that can be read. */
  readonly policy: Policy | undefined
}

/** Looks at the policy of a page, of its header and of its `meta` elements. */
export function auditPolicy({ url, headers }: Observed, metaPolicies: readonly string[]): PolicyAudit {
  const check = 'content-security-policy'
  const sent = header(headers, check)
  const inHeader = sent === undefined ? [] : [sent]
  const policy = readPolicies([...inHeader, ...metaPolicies])
  if (policy === undefined) return { finding: finding(check, results, 'csp-invalid'), policy }
  const ofMeta = readPolicies(metaPolicies)?.directives
  for (const name of headerOnly) ofMeta?.delete(name)
  if (inHeader.length === 0 && (ofMeta === undefined || ofMeta.size === 0)) {
    const reported = header(headers, 'content-security-policy-report-only')
    const result = reported === undefined || reported === '' ? 'csp-missing' : 'csp-only-reported'
    return { finding: finding(check, results, result), policy: undefined }
  }
  return { finding: finding(check, results, judge(policy, url.protocol === 'https:')), policy }
}

function judge({ directives, repeatsReporting }: Policy, secure: boolean): keyof typeof results {
  const anything = new Set(['*'])
  const fallback = directives.get('default-src')
  const scripts = directives.get('script-src') ?? fallback ?? anything
  const styles = directives.get('style-src') ?? fallback ?? anything
  const objects = directives.get('object-src') ?? fallback ?? anything
  // Browsers ignore it beside a nonce or hash (CSP level 3 section 6.7.3.2).
  for (const sources of [scripts, styles]) if ([...sources].some(isNonceOrHash)) sources.delete("'unsafe-inline'")
  if (scripts.has("'strict-dynamic'")) {
    if (![...scripts].some(isNonceOrHash)) return 'csp-invalid'
    // Then a source of a script is no longer looked at, only whether a trusted script has loaded it.
    for (const source of scripts) {
      if (source === "'self'" || [...broad].some((one) => source.startsWith(one))) scripts.delete(source)
    }
  }
  const active = [...directives]
    .filter(([name]) => name !== 'img-src' && name !== 'media-src' && name !== 'script-src')
    .flatMap(([, sources]) => [...sources])
    .concat(...scripts)
  const passive = ['img-src', 'media-src'].flatMap((name) => [...(directives.get(name) ?? fallback ?? [])])
  if ([...scripts].some(isBroadOrInline) || [...objects].some(isBroad)) return 'csp-unsafe-scripts'
  if (secure && active.some(isPlain)) return 'csp-insecure-scheme'
  if (scripts.has("'unsafe-eval'") || styles.has("'unsafe-eval'")) return 'csp-unsafe-eval'
  if (repeatsReporting) return 'csp-repeated-reporting'
  if (secure && passive.some(isPlain)) return 'csp-insecure-images'
  if ([...styles].some(isBroadOrInline)) return 'csp-unsafe-style'
  return fallback?.size === 1 && fallback.has("'none'") ? 'csp-default-none' : 'csp-no-unsafe'
}
