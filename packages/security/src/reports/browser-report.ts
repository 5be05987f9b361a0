/** What a browser has reported, in one form whichever interface it came by. */
export interface BrowserReport {
  /** `csp-violation`, `deprecation`, `intervention`, `crash`, `coep`, `permissions-policy-violation` ... */
  readonly type: string
  /** The page, without query, fragment and user information. */
  readonly documentUrl: string
  /** Directive that was violated, as far as it is a violation of a policy. */
  readonly directive: string | undefined
  /** What was blocked: `inline`, `eval`, or a URL without query and fragment. */
  readonly blocked: string | undefined
  /** Whether the policy was enforced or only reported on. */
  readonly disposition: 'enforce' | 'report'
  /** The file in which it happened, without query and fragment. */
  readonly sourceFile: string | undefined
  readonly line: number | undefined
  readonly column: number | undefined
  /** First characters of what was blocked, where the policy asks for them (`'report-sample'`). */
  readonly sample: string | undefined
  /** How often it was reported since it was last told of; 1 for the first time. */
  readonly count: number
}

type Fields = Readonly<Record<string, unknown>>

const maxText = 512
const maxSample = 40

/**
 * Reads what a browser sent: `application/csp-report` (CSP level 2) or `application/reports+json` (Reporting API).
 *
 * @returns `undefined` where it is neither
 */
export function readReports(body: unknown, most: number): BrowserReport[] | undefined {
  if (Array.isArray(body)) {
    const reports = body.slice(0, most).map(readModern)
    return reports.includes(undefined) ? undefined : (reports as BrowserReport[])
  }
  if (!isFields(body)) return undefined
  const legacy = body['csp-report']
  if (isFields(legacy)) return [readLegacy(legacy)]
  const single = readModern(body)
  return single === undefined ? undefined : [single]
}

function readLegacy(report: Fields): BrowserReport {
  const violated = text(report['effective-directive']) ?? text(report['violated-directive'])
  return {
    type: 'csp-violation',
    documentUrl: pageOf(report['document-uri']) ?? '',
    // Older browsers put the whole directive with its sources there.
    directive: violated?.split(' ', 1)[0],
    blocked: pageOf(report['blocked-uri']),
    disposition: report['disposition'] === 'report' ? 'report' : 'enforce',
    sourceFile: pageOf(report['source-file']),
    line: whole(report['line-number']),
    column: whole(report['column-number']),
    sample: text(report['script-sample'])?.slice(0, maxSample),
    count: 1,
  }
}

function readModern(report: unknown): BrowserReport | undefined {
  if (!isFields(report) || typeof report['type'] !== 'string') return undefined
  const body: Fields = isFields(report['body']) ? report['body'] : {}
  return {
    type: report['type'].slice(0, 64),
    documentUrl: pageOf(body['documentURL']) ?? pageOf(report['url']) ?? '',
    directive: text(body['effectiveDirective']) ?? text(body['policyId']) ?? text(body['id']),
    blocked: pageOf(body['blockedURL']),
    disposition: body['disposition'] === 'report' ? 'report' : 'enforce',
    sourceFile: pageOf(body['sourceFile']),
    line: whole(body['lineNumber']),
    column: whole(body['columnNumber']),
    sample: text(body['sample'])?.slice(0, maxSample),
    count: 1,
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  // Control characters could forge a line of a log.
  return typeof value === 'string' && value !== ''
    ? value.slice(0, maxText).replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    : undefined
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A URL without what may be personal or secret: query, fragment, user information; the content of `data:`. */
function pageOf(value: unknown): string | undefined {
  const url = text(value)
  if (url === undefined || !url.includes(':')) return url
  try {
    const { protocol, host, pathname } = new URL(url)
    return host === '' ? protocol : `${protocol}//${host}${pathname}`
  } catch {
    return url.split(/[?#]/, 1)[0]
  }
}
