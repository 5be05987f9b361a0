import { finding, type AuditFinding, type Verdict } from './finding.js'
import { header, type Observed } from './observed.js'

const hstsResults = {
  'hsts-preloaded': [5, 'Browsers know from the preload list that the host wants HTTPS.'],
  'hsts-good': [0, 'Strict-Transport-Security lasts at least half a year.'],
  'hsts-short': [-10, 'Strict-Transport-Security lasts less than half a year.', 'Set maxAge to a year.'],
  'hsts-missing': [-20, 'There is no Strict-Transport-Security.', 'Use secureHeaders().'],
  'hsts-invalid': [-20, 'Strict-Transport-Security cannot be read.', 'Send it once, with max-age.'],
  'hsts-no-https': [-20, 'Nothing answers over HTTPS.', 'Serve HTTPS, or let a proxy do so.'],
  'hsts-certificate': [
    -20,
    'The certificate cannot be verified.',
    'Use a certificate of an authority that browsers know.',
  ],
} as const satisfies Record<string, Verdict>

/** Half a year, as sites round it. */
const halfYear = 15_552_000

/** Looks at Strict-Transport-Security (RFC 6797). */
export function auditHsts({ https, preloaded }: Observed): AuditFinding {
  const check = 'strict-transport-security'
  if (https === undefined) return finding(check, hstsResults, 'hsts-no-https')
  if (preloaded) return finding(check, hstsResults, 'hsts-preloaded')
  if (!https.verified) return finding(check, hstsResults, 'hsts-certificate')
  const value = header(https.headers, check)
  if (value === undefined) return finding(check, hstsResults, 'hsts-missing')
  const parameters = value.split(';').map((parameter) => parameter.trim().toLowerCase())
  const ages = parameters.filter((parameter) => parameter.startsWith('max-age='))
  const maxAge = ages.length === 0 ? undefined : Number.parseInt((ages.at(-1) as string).slice(8), 10)
  // Node joins two headers with a comma.
  if (maxAge === undefined || value.includes(',')) return finding(check, hstsResults, 'hsts-invalid')
  return finding(check, hstsResults, maxAge < halfYear ? 'hsts-short' : 'hsts-good')
}

/** Whether a finding says that plain HTTP is kept away. */
export function keepsHttps({ result }: AuditFinding): boolean {
  return result === 'hsts-good' || result === 'hsts-preloaded'
}

const redirectionResults = {
  'redirection-not-needed': [0, 'Nothing answers over plain HTTP.'],
  'redirection-good': [0, 'Plain HTTP leads to HTTPS on the same host.'],
  'redirection-preloaded': [0, 'Browsers know from the preload list not to use plain HTTP.'],
  'redirection-other-host': [
    -5,
    'Plain HTTP leads to HTTPS on another host, so that the first one gets no HSTS.',
    'Redirect to HTTPS on the same host first.',
  ],
  'redirection-late': [-10, 'Plain HTTP leads to HTTPS only after another redirect.', 'Redirect to HTTPS at once.'],
  'redirection-to-plain': [-20, 'Redirects end on plain HTTP.', 'Use httpsRedirect().'],
  'redirection-missing': [-20, 'Plain HTTP answers and does not redirect.', 'Use httpsRedirect().'],
  'redirection-certificate': [
    -20,
    'The certificate cannot be verified.',
    'Use a certificate of an authority that browsers know.',
  ],
} as const satisfies Record<string, Verdict>

/** Looks at the way from plain HTTP to HTTPS. */
export function auditRedirection({ route, preloaded, https }: Observed): AuditFinding {
  const check = 'redirection'
  const [first, second] = route ?? []
  if (route === undefined || first === undefined) return finding(check, redirectionResults, 'redirection-not-needed')
  if (https !== undefined && !https.verified) return finding(check, redirectionResults, 'redirection-certificate')
  if (preloaded) return finding(check, redirectionResults, 'redirection-preloaded')
  if (second === undefined) return finding(check, redirectionResults, 'redirection-missing')
  if (route.at(-1)?.protocol !== 'https:') return finding(check, redirectionResults, 'redirection-to-plain')
  if (second.protocol === 'http:') return finding(check, redirectionResults, 'redirection-late')
  const result = first.hostname === second.hostname ? 'redirection-good' : 'redirection-other-host'
  return finding(check, redirectionResults, result)
}
