import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  corsPolicy,
  csrfGuard,
  requireContentType,
  secureHeaders,
  trustedHosts,
  type CsrfGuardOptions,
  type SecureHeadersOptions,
} from '../src/index.js'
import { closeAll, raw, serve, statusOf, versions } from './apps.js'

afterEach(closeAll)

/** Requirements V3.4 and V3.5 of the OWASP Application Security Verification Standard 5.0. */
describe.each(versions)('OWASP ASVS 5.0 on %s', (_, express) => {
  /** The headers of a page, of an error, of what is not there and of what was refused. */
  async function everywhere(options: SecureHeadersOptions = {}): Promise<Headers[]> {
    const { url } = await serve(express, (app) => {
      app.use(secureHeaders(options), csrfGuard())
      app.get('/', (_req, res) => void res.send('page'))
      app.get('/broken', () => {
        throw new Error('broken')
      })
    })
    const asked: [string, RequestInit?][] = [
      ['/'],
      ['/broken'],
      ['/nothing'],
      ['/', { method: 'POST', headers: { 'Sec-Fetch-Site': 'cross-site' } }],
    ]
    const answers = await Promise.all(asked.map(([path, init]) => fetch(url + path, init)))
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 404, 403])
    return answers.map(({ headers }) => headers)
  }

  async function status(options: CsrfGuardOptions, headers: Record<string, string>, method = 'GET'): Promise<number> {
    const { port } = await serve(express, (app) => {
      app.use(csrfGuard(options))
      app.get('/data', (req, res) => void res.jsonp({ secret: true, callback: req.query['callback'] }))
      app.use((_req, res) => void res.send('in'))
    })
    const lines = Object.entries({ Host: 'example.com', Connection: 'close', ...headers })
    const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    return statusOf(await raw(port, `${method} /data?callback=f HTTP/1.1\r\n${text}\r\n`))
  }

  it('[SE-1] A12 ASVS 3.4.1 HSTS for a year and all subdomains is on every answer', async () => {
    for (const headers of await everywhere()) {
      const value = headers.get('strict-transport-security')
      expect(Number(/^max-age=(\d+)/.exec(value ?? '')?.[1])).toBeGreaterThanOrEqual(31_536_000)
      expect(value).toContain('includeSubDomains')
    }
  })

  it('[SE-3] A12 ASVS 3.4.2 an origin is told so only where it is in the list', async () => {
    const { url } = await serve(express, (app) => {
      app.use(corsPolicy({ origins: ['https://app.example.com'], credentials: true }))
      app.get('/', (_req, res) => void res.send('ok'))
    })
    const told = async (origin: string): Promise<string | null> =>
      (await fetch(url, { headers: { origin } })).headers.get('access-control-allow-origin')
    expect(await told('https://app.example.com')).toBe('https://app.example.com')
    for (const origin of ['https://evil.com', 'null', 'https://app.example.com.evil.com']) {
      expect(await told(origin)).toBeNull()
    }
  })

  it("[SE-1] A12 ASVS 3.4.3 every answer has a policy with object-src 'none', base-uri 'none' and a nonce of its own", async () => {
    const policies = (await everywhere()).map((headers) => headers.get('content-security-policy') ?? '')
    // Express answers what it was not asked for with a stricter policy of its own.
    for (const policy of policies.filter((one) => one !== "default-src 'none'")) {
      expect(policy).toContain("object-src 'none'")
      expect(policy).toContain("base-uri 'none'")
      expect(policy).toMatch(/script-src 'self' 'nonce-/)
    }
    const nonces = policies.flatMap((policy) => /'nonce-([^']+)'/.exec(policy)?.[1] ?? [])
    expect(nonces.length).toBeGreaterThanOrEqual(3)
    expect(new Set(nonces).size).toBe(nonces.length)
  })

  it('[SE-1] A12 ASVS 3.4.4 every answer has X-Content-Type-Options: nosniff', async () => {
    for (const headers of await everywhere()) expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('[SE-1] A12 ASVS 3.4.5 the referrer policy gives other sites nothing', async () => {
    for (const headers of await everywhere()) expect(headers.get('referrer-policy')).toBe('same-origin')
  })

  it('[SE-1] A12 ASVS 3.4.6 the policy says who may frame a page', async () => {
    const [web] = await everywhere()
    expect(web?.get('content-security-policy')).toContain("frame-ancestors 'self'")
    const [strict] = await everywhere({ profile: 'strict' })
    expect(strict?.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  it('[SE-1] A12 ASVS 3.4.7 the policy says where violations are reported', async () => {
    const [headers] = await everywhere({
      reportingEndpoints: { csp: '/reports' },
      contentSecurityPolicy: { reportTo: 'csp' },
    })
    expect(headers?.get('content-security-policy')).toMatch(/;report-uri \/reports;report-to csp$/)
    expect(headers?.get('reporting-endpoints')).toBe('csp="/reports"')
  })

  it('[SE-1] A12 ASVS 3.4.8 a page shares its group of windows with its own origin only', async () => {
    for (const headers of await everywhere()) expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  })

  it('[SE-6] A12 ASVS 3.5.1 what changes something is refused to pages of other sites', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(await status({}, { 'Sec-Fetch-Site': 'cross-site' }, method)).toBe(403)
      expect(await status({}, { Origin: 'https://evil.com' }, method)).toBe(403)
      expect(await status({}, { 'Sec-Fetch-Site': 'same-origin' }, method)).toBe(200)
    }
  })

  it('[SE-5] A12 ASVS 3.5.2 no request that browsers send without a preflight reaches a JSON route', async () => {
    const { url } = await serve(express, (app) =>
      app.use(requireContentType(), express.json()).use((_req, res) => void res.send('in')),
    )
    const send = async (type: string | undefined): Promise<number> => {
      const body = new TextEncoder().encode('{}')
      return (await fetch(url, { method: 'POST', body, headers: type === undefined ? {} : { 'Content-Type': type } }))
        .status
    }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      undefined,
    ]) {
      expect(await send(type)).toBe(415)
    }
    expect(await send('application/json')).toBe(200)
  })

  it('[SE-6] A12 ASVS 3.5.3 a GET is refused where the browser says that it comes from elsewhere', async () => {
    const options = { isolateResources: true }
    for (const dest of ['image', 'script', 'iframe', 'empty']) {
      const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': dest }
      expect(await status(options, headers)).toBe(403)
    }
    expect(await status(options, { 'Sec-Fetch-Site': 'same-origin' })).toBe(200)
  })

  it('[SE-4] A12 ASVS 3.5.4 an application answers under its own host names only', async () => {
    const { port } = await serve(express, (app) =>
      app.use(trustedHosts({ hosts: ['shop.example.com'] })).use((_req, res) => void res.send('in')),
    )
    const ask = async (host: string): Promise<number> =>
      statusOf(await raw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))
    expect(await ask('shop.example.com')).toBe(200)
    expect(await ask('admin.example.com')).toBe(400)
  })

  it('[SE-6] A12 ASVS 3.5.6 JSONP cannot be loaded by another site', async () => {
    const script = { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' }
    const options = { isolateResources: true }
    expect(await status(options, { ...script, 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
    expect(await status(options, { ...script, 'Sec-Fetch-Site': 'same-origin' })).toBe(200)
  })

  it('[SE-1] A12 ASVS 3.5.7 data cannot be included as a script by another site', async () => {
    for (const headers of await everywhere()) {
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it('[SE-6] A12 ASVS 3.5.8 what needs a login is embedded only where it is meant to be', async () => {
    const image = { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image', Cookie: 'session=1' }
    const options = { isolateResources: true }
    expect(await status(options, { ...image, 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
    expect(await status(options, { ...image, 'Sec-Fetch-Site': 'same-site' })).toBe(403)
    expect(await status({ ...options, allowSameSite: true }, { ...image, 'Sec-Fetch-Site': 'same-site' })).toBe(200)
    const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
    expect(await status(options, link)).toBe(200)
  })
})

describe('the table in the README', () => {
  const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')
  const tests = readFileSync(__filename, 'utf8')
  const ids = [...Array(8).keys()].flatMap((at) => [`3.4.${at + 1}`, `3.5.${at + 1}`])

  it.each(ids.sort())('[SE-1] A12 has a row for %s, whose test there is', (id) => {
    const row = readme.split('\n').find((line) => line.startsWith(`| ${id} `))
    expect(row).toBeDefined()
    const title = /`(\[SE-\d\] A12 ASVS [^`]+)`/.exec(row as string)?.[1]
    if (title === undefined) expect(row).toContain("the application's own")
    else expect(tests).toContain(title)
  })
})
