import { finding, type AuditFinding, type Verdict } from './finding.js'
import type { Observed } from './observed.js'

const results = {
  'cookies-none': [0, 'No cookie is set.'],
  'cookies-good': [5, 'All cookies are Secure, have SameSite, and sessions are HttpOnly.'],
  'cookies-without-same-site': [0, 'All cookies are Secure, and sessions are HttpOnly.', 'Set SameSite=Lax or Strict.'],
  'cookies-insecure-behind-hsts': [
    -5,
    'A cookie is not Secure; only HSTS keeps it off plain HTTP.',
    'Set Secure on every cookie.',
  ],
  'cookies-session-insecure-behind-hsts': [
    -10,
    'A session cookie is not Secure; only HSTS keeps it off plain HTTP.',
    'Set Secure on every cookie.',
  ],
  'cookies-insecure': [-20, 'A cookie is not Secure.', 'Set Secure on every cookie, and send HSTS.'],
  'cookies-same-site-invalid': [
    -20,
    'A cookie has a SameSite that browsers do not know, or None without Secure.',
    'Set SameSite to Lax or Strict.',
  ],
  'cookies-csrf-without-same-site': [-20, 'A cookie against CSRF has no SameSite.', 'Set SameSite to Lax or Strict.'],
  'cookies-session-readable': [-30, 'Scripts can read a session cookie.', 'Set HttpOnly on session cookies.'],
  'cookies-session-insecure': [-40, 'A session cookie is not Secure.', 'Set Secure on every cookie, and send HSTS.'],
} as const satisfies Record<string, Verdict>

type Result = keyof typeof results

/** From bad to worse; the worst of all cookies counts. */
const severity: readonly Result[] = [
  'cookies-insecure-behind-hsts',
  'cookies-insecure',
  'cookies-session-insecure-behind-hsts',
  'cookies-same-site-invalid',
  'cookies-csrf-without-same-site',
  'cookies-session-readable',
  'cookies-session-insecure',
]

interface Cookie {
  readonly name: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly sameSite: 'lax' | 'strict' | 'none' | 'invalid' | undefined
}

/** Looks at the cookies that a page sets. */
export function auditCookies({ headers }: Observed, hasHsts: boolean): AuditFinding {
  const lines = headers['set-cookie'] ?? []
  // Of two by the same name a browser keeps the last.
  const cookies = [...new Map(lines.map(readCookie).map((cookie) => [cookie.name, cookie])).values()]
  const found = cookies.flatMap((cookie) => faultsOf(cookie, hasHsts))
  if (lines.map(readCookie).some(({ sameSite }) => sameSite === 'invalid')) found.push('cookies-same-site-invalid')
  const kept = cookies.filter(({ name }) => name !== '')
  return finding('cookies', results, worst(found) ?? praise(kept))
}

function worst(found: readonly Result[]): Result | undefined {
  return severity.findLast((result) => found.includes(result))
}

function praise(cookies: readonly Cookie[]): Result {
  if (cookies.length === 0) return 'cookies-none'
  return cookies.every(({ sameSite }) => sameSite !== undefined) ? 'cookies-good' : 'cookies-without-same-site'
}

function faultsOf({ name, secure, httpOnly, sameSite }: Cookie, hasHsts: boolean): Result[] {
  if (name === '') return []
  const isSession = /login|sess/i.test(name)
  const faults: Result[] = []
  if (!secure && sameSite === 'none') faults.push('cookies-same-site-invalid')
  if (!secure) faults.push(hasHsts ? 'cookies-insecure-behind-hsts' : 'cookies-insecure')
  if (/csrf/i.test(name) && (sameSite === undefined || sameSite === 'invalid')) {
    faults.push('cookies-csrf-without-same-site')
  }
  if (isSession && !secure) {
    faults.push(hasHsts ? 'cookies-session-insecure-behind-hsts' : 'cookies-session-insecure')
  }
  if (isSession && !httpOnly) faults.push('cookies-session-readable')
  return faults
}

function readCookie(line: string): Cookie {
  const [pair = '', ...attributes] = line.split(';')
  const equals = pair.indexOf('=')
  const by = new Map(
    attributes.map((attribute) => {
      const [name = '', value = ''] = attribute.split('=', 2)
      return [name.trim().toLowerCase(), value.trim().toLowerCase()]
    }),
  )
  const sameSite = by.get('samesite')
  return {
    name: equals === -1 ? '' : pair.slice(0, equals).trim(),
    secure: by.has('secure'),
    httpOnly: by.has('httponly'),
    sameSite:
      sameSite === undefined || /^(?:lax|strict|none)$/.test(sameSite) ? (sameSite as Cookie['sameSite']) : 'invalid',
  }
}
