import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { csrfGuard, type CsrfGuardOptions } from '../src/index.js'
import { closeAll, raw, serve, statusOf, threats, versions } from './apps.js'

afterEach(closeAll)

type Row = [method: string, headers: Record<string, string>, status: number]
const own = 'https://example.com'
const trusted = 'https://app.example.org'

/** The five rules, by method and what browsers send. */
const matrix: readonly Row[] = [
  // 1. What changes nothing passes.
  ['GET', {}, 200],
  ['HEAD', {}, 200],
  ['OPTIONS', {}, 200],
  ['QUERY', {}, 200],
  ['GET', { 'Sec-Fetch-Site': 'cross-site' }, 200],
  ['HEAD', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.com' }, 200],
  ['OPTIONS', { Origin: 'https://evil.com' }, 200],
  ['QUERY', { 'Sec-Fetch-Site': 'cross-site' }, 200],
  // 2. A trusted origin passes.
  ['POST', { Origin: trusted }, 200],
  ['POST', { Origin: trusted, 'Sec-Fetch-Site': 'cross-site' }, 200],
  ['PUT', { Origin: trusted, 'Sec-Fetch-Site': 'same-site' }, 200],
  ['DELETE', { Origin: 'https://pr-1.preview.example.org', 'Sec-Fetch-Site': 'cross-site' }, 200],
  ['POST', { Origin: 'http://app.example.org' }, 403],
  ['POST', { Origin: `${trusted}.evil.com`, 'Sec-Fetch-Site': 'cross-site' }, 403],
  ['POST', { Origin: `${trusted}:8443` }, 403],
  // 3. The browser says where it comes from.
  ['POST', { 'Sec-Fetch-Site': 'same-origin' }, 200],
  ['POST', { 'Sec-Fetch-Site': 'none' }, 200],
  ['POST', { 'Sec-Fetch-Site': 'same-site' }, 403],
  ['POST', { 'Sec-Fetch-Site': 'cross-site' }, 403],
  ['PUT', { 'Sec-Fetch-Site': 'same-origin', Origin: own }, 200],
  ['PUT', { 'Sec-Fetch-Site': 'cross-site', Origin: own }, 403],
  ['PATCH', { 'Sec-Fetch-Site': 'cross-site' }, 403],
  ['DELETE', { 'Sec-Fetch-Site': 'cross-site' }, 403],
  ['POST', { 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }, 200],
  ['POST', { 'Sec-Fetch-Site': 'cross-site', Origin: 'null' }, 403],
  ['POST', { 'Sec-Fetch-Site': 'Same-Origin' }, 403],
  ['POST', { 'Sec-Fetch-Site': 'same-origin, cross-site' }, 403],
  ['POST', { 'Sec-Fetch-Site': '' }, 403],
  // 4. No browser at all.
  ['POST', {}, 200],
  ['PUT', {}, 200],
  ['PATCH', {}, 200],
  ['DELETE', {}, 200],
  // 5. An older browser: the origin must be the host.
  ['POST', { Origin: own }, 200],
  ['POST', { Origin: 'https://EXAMPLE.com' }, 200],
  ['POST', { Origin: 'https://example.com:443' }, 200],
  ['POST', { Origin: 'http://example.com' }, 200],
  ['POST', { Origin: 'https://example.com:8443' }, 403],
  ['POST', { Origin: 'https://evil.com' }, 403],
  ['PUT', { Origin: 'https://sub.example.com' }, 403],
  ['PATCH', { Origin: 'https://example.com.evil.com' }, 403],
  ['DELETE', { Origin: 'null' }, 403],
  ['POST', { Origin: '' }, 403],
  ['POST', { Origin: 'https://example.com@evil.com' }, 403],
  ['POST', { Origin: 'ftp://example.com' }, 403],
  ['POST', { Origin: 'https://example.com, https://evil.com' }, 403],
  ['PROPFIND', { Origin: 'https://evil.com' }, 403],
]

describe.each(versions)('csrfGuard on %s', (_, express) => {
  const found = threats()

  async function send(
    method: string,
    headers: Record<string, string>,
    options: CsrfGuardOptions = {},
    path = '/',
    host = 'example.com',
  ) {
    const { port } = await serve(express, (app) => app.use(csrfGuard(options)).use((_req, res) => void res.send('in')))
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return raw(
      port,
      `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines.join('')}Content-Length: 0\r\nConnection: close\r\n\r\n`,
    )
  }

  it('[SE-6] A8 has at least 40 rows', () => expect(matrix.length).toBeGreaterThanOrEqual(40))

  it.each(matrix)('[SE-6] A8 %s with %j: %d', async (method, headers, status) => {
    const options = { trustedOrigins: [trusted, 'https://*.preview.example.org'] }
    expect(statusOf(await send(method, headers, options))).toBe(status)
  })

  it('[SE-6] A8 lets programs without a browser through', async () => {
    const { url } = await serve(express, (app) => app.use(csrfGuard()).post('/', (_req, res) => void res.send('in')))
    const { hostname, port } = new URL(url)
    const curl = `POST / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n`
    const answer = await raw(Number(port), `${curl}Content-Length: 0\r\nConnection: close\r\n\r\n`)
    expect(statusOf(answer)).toBe(200)
  })

  it('[SE-6] compares the port too', async () => {
    expect(statusOf(await send('POST', { Origin: 'http://localhost:3000' }, {}, '/', 'localhost:3000'))).toBe(200)
    expect(statusOf(await send('POST', { Origin: 'http://localhost:3001' }, {}, '/', 'localhost:3000'))).toBe(403)
    expect(statusOf(await send('POST', { Origin: 'http://[::1]:3000' }, {}, '/', '[::1]:3000'))).toBe(200)
  })

  it('[SE-6] lets pages of the same site send on request', async () => {
    const headers = { 'Sec-Fetch-Site': 'same-site' }
    expect(statusOf(await send('POST', headers, { allowSameSite: true }))).toBe(200)
    expect(statusOf(await send('POST', { 'Sec-Fetch-Site': 'cross-site' }, { allowSameSite: true }))).toBe(403)
  })

  it('[SE-6] leaves alone what it is told to', async () => {
    const headers = { 'Sec-Fetch-Site': 'cross-site' }
    expect(statusOf(await send('POST', headers, { exempt: ['/hooks'] }, '/hooks/x'))).toBe(200)
    expect(statusOf(await send('POST', headers, { skip: ({ req }) => req.url === '/saml' }, '/saml'))).toBe(200)
    expect(statusOf(await send('POST', headers, { skip: () => false }))).toBe(403)
  })

  it('[SE-6] tells of what it refused', async () => {
    const answer = await send('POST', { 'Sec-Fetch-Site': 'cross-site' })
    expect(answer).toContain('ERR_SECURITY_CSRF')
    await send('POST', { Origin: 'https://evil.com' })
    expect(found).toMatchObject([
      { kind: 'csrf', rule: 'fetch-site', field: 'header.sec-fetch-site', blocked: true },
      { kind: 'csrf', rule: 'origin', field: 'header.origin', blocked: true },
    ])
  })

  it('[SE-6] behind a trusted proxy compares with the host that the browser asked for, and by HTTPS only with HTTPS', async () => {
    const { port } = await serve(express, (app) => {
      app.set('trust proxy', 1)
      app.use(csrfGuard()).use((_req, res) => void res.send('in'))
    })
    const from = async (origin: string): Promise<number> => {
      const forwarded = 'X-Forwarded-Host: example.com\r\nX-Forwarded-Proto: https'
      const head = `POST / HTTP/1.1\r\nHost: 10.0.0.1:3000\r\n${forwarded}\r\nOrigin: ${origin}\r\nContent-Length: 0`
      return statusOf(await raw(port, `${head}\r\nConnection: close\r\n\r\n`))
    }
    expect(await from('https://example.com')).toBe(200)
    expect(await from('http://example.com')).toBe(403)
    expect(await from('https://10.0.0.1:3000')).toBe(403)
  })

  describe('with isolated resources', () => {
    const navigate = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
    it.each<Row>([
      ['GET', {}, 200],
      ['GET', { 'Sec-Fetch-Site': 'same-origin' }, 200],
      ['GET', { 'Sec-Fetch-Site': 'none' }, 200],
      ['GET', { 'Sec-Fetch-Site': 'cross-site', ...navigate }, 200],
      ['HEAD', { 'Sec-Fetch-Site': 'cross-site', ...navigate }, 200],
      ['GET', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }, 403],
      ['GET', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'script' }, 403],
      ['GET', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' }, 403],
      ['GET', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'object' }, 403],
      ['GET', { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }, 403],
      ['GET', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors', Origin: trusted }, 200],
      ['QUERY', { 'Sec-Fetch-Site': 'cross-site', ...navigate }, 403],
      ['OPTIONS', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'cors' }, 200],
      ['POST', { 'Sec-Fetch-Site': 'cross-site', ...navigate }, 403],
    ])('[SE-6] %s with %j: %d', async (method, headers, status) => {
      const options = { isolateResources: true, trustedOrigins: [trusted] }
      expect(statusOf(await send(method, headers, options))).toBe(status)
    })

    it('[SE-6] caches keep the answers apart', async () => {
      const answer = await send('GET', { 'Sec-Fetch-Site': 'cross-site', ...navigate }, { isolateResources: true })
      expect(answer).toMatch(/^vary: Sec-Fetch-Site, Sec-Fetch-Mode, Sec-Fetch-Dest\r$/im)
    })
  })
})

describe('options of csrfGuard', () => {
  it.each<[string, unknown]>([
    ['trustedOrigins', { trustedOrigins: trusted }],
    ['trustedOrigins[0]', { trustedOrigins: ['null'] }],
    ['trustedOrigins[0]', { trustedOrigins: ['*'] }],
    ['allowSameSite', { allowSameSite: 1 }],
    ['isolateResources', { isolateResources: 'yes' }],
    ['exempt', { exempt: '/x' }],
    ['skip', { skip: true }],
    ['tokens', { tokens: true }],
  ])('[SE-6] refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      csrfGuard(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'csrfGuard', option })
    }
  })
})
