import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError, middleware, stepsOf } from '@hardening/core'
import { listen } from '@hardening/test-utils'
import type { Request, RequestHandler, Response as ExpressResponse } from 'express'
import helmet from 'helmet'
import { parseDictionary } from 'structured-headers'
import { cspNonce, leakingHeaders, secureHeaders, type SecureHeadersOptions } from '../src/index.js'
import { closeAll, serve, versions } from './apps.js'

afterEach(closeAll)

const publicHost = { headers: { 'X-Forwarded-Proto': 'https' } }

/** The directives of a policy, by name. */
function directives(policy: string | null): Record<string, string> {
  return Object.fromEntries(
    (policy ?? '').split(';').map((directive) => {
      const [name, ...sources] = directive.trim().split(' ')
      return [name, sources.join(' ')]
    }),
  )
}

const nonceOf = (policy: string | null): string | undefined => /'nonce-([^']+)'/.exec(policy ?? '')?.[1]

describe.each(versions)('secureHeaders on %s', (_, express) => {
  async function get(
    options?: SecureHeadersOptions,
    route: (req: Request, res: ExpressResponse) => void = (_req, res) => void res.send('ok'),
    init?: RequestInit,
  ): Promise<Response> {
    const { url } = await serve(express, (app) => app.use(secureHeaders(options)).get('/', route))
    return fetch(url, init)
  }

  it('[SE-1] sends exactly what helmet sends, but for the policy, the referrer and Permissions-Policy', async () => {
    const theirs = await serve(express, (app) => app.use(helmet()).get('/', (_req, res) => void res.send('ok')))
    const expected = Object.fromEntries((await fetch(theirs.url)).headers)
    const found = Object.fromEntries((await get()).headers)
    for (const headers of [expected, found]) {
      for (const name of ['content-security-policy', 'referrer-policy', 'permissions-policy', 'date', 'x-request-id'])
        delete headers[name]
    }
    expect(found).toEqual(expected)
  })

  it("[SE-1] has helmet's policy by default, with base-uri 'none' and a nonce for scripts", async () => {
    const policy = directives((await get()).headers.get('content-security-policy'))
    expect(policy).toEqual({
      'default-src': "'self'",
      'base-uri': "'none'",
      'font-src': "'self' https: data:",
      'form-action': "'self'",
      'frame-ancestors': "'self'",
      'img-src': "'self' data:",
      'object-src': "'none'",
      'script-src': expect.stringMatching(/^'self' 'nonce-[A-Za-z0-9+/]{22}=='$/),
      'script-src-attr': "'none'",
      'style-src': "'self' https: 'unsafe-inline'",
      'upgrade-insecure-requests': '',
    })
  })

  it('[SE-1] keeps the origin of same-origin forms by its referrer policy', async () => {
    expect((await get()).headers.get('referrer-policy')).toBe('same-origin')
  })

  it('[SE-1] refuses powerful features of browsers by default, as a dictionary of structured fields', async () => {
    const value = (await get()).headers.get('permissions-policy') as string
    const parsed = parseDictionary(value)
    expect([...parsed.keys()]).toEqual(
      expect.arrayContaining(['camera', 'microphone', 'geolocation', 'usb', 'payment']),
    )
    for (const [, [allowed]] of parsed) expect(allowed).toEqual([])
    expect(parsed.has('fullscreen')).toBe(false)
  })

  it('[SE-1] has a profile for what no browser renders', async () => {
    const { headers } = await get({ profile: 'api' })
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    )
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(parseDictionary(headers.get('permissions-policy') as string).has('fullscreen')).toBe(true)
  })

  it('[SE-1] has a profile for pages that load nothing from elsewhere', async () => {
    const { headers } = await get({ profile: 'strict' })
    const policy = directives(headers.get('content-security-policy'))
    expect(policy).toMatchObject({
      'default-src': "'none'",
      'connect-src': "'self'",
      'frame-ancestors': "'none'",
      'script-src': expect.stringMatching(/^'self' 'nonce-.{24}'$/),
      'style-src': expect.stringMatching(/^'self' 'nonce-.{24}'$/),
    })
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    expect(headers.get('x-frame-options')).toBe('DENY')
  })

  it('[SE-1] A2 puts the nonce of the policy in res.locals and on the exchange', async () => {
    const seen: (string | undefined)[] = []
    const probe = middleware({ name: 'probe', request: (exchange) => void seen.push(exchange.note(cspNonce)) })
    const { url } = await serve(express, (app) =>
      app.use(secureHeaders()).get('/', probe, (_req, res) => void res.send(res.locals['cspNonce'])),
    )
    const res = await fetch(url)
    const nonce = nonceOf(res.headers.get('content-security-policy'))
    expect(await res.text()).toBe(nonce)
    expect(seen).toEqual([nonce])
    expect(Buffer.from(nonce as string, 'base64')).toHaveLength(16)
  })

  it('[SE-1] A3 enforces one policy and reports on another, each with its own directives', async () => {
    const { headers } = await get({
      contentSecurityPolicy: { directives: { imgSrc: ["'self'"] } },
      contentSecurityPolicyReportOnly: { directives: { scriptSrc: ["'none'"] }, nonce: false, reportTo: 'csp' },
      reportingEndpoints: { csp: '/reports/csp' },
    })
    const enforced = directives(headers.get('content-security-policy'))
    const reported = directives(headers.get('content-security-policy-report-only'))
    expect(enforced).toMatchObject({ 'img-src': "'self'", 'script-src': expect.stringContaining('nonce-') })
    expect(reported).toMatchObject({
      'img-src': "'self' data:",
      'script-src': "'none'",
      'report-uri': '/reports/csp',
      'report-to': 'csp',
    })
    expect(enforced).not.toHaveProperty('report-to')
    expect(reported).not.toHaveProperty('upgrade-insecure-requests')
    expect(headers.get('reporting-endpoints')).toBe('csp="/reports/csp"')
  })

  it('[SE-1] A3 shares the nonce between the enforced and the reported policy', async () => {
    const { headers } = await get({ contentSecurityPolicyReportOnly: true })
    const enforced = nonceOf(headers.get('content-security-policy'))
    expect(enforced).toBeDefined()
    expect(nonceOf(headers.get('content-security-policy-report-only'))).toBe(enforced)
  })

  it('[SE-1] can only report, as in helmet', async () => {
    const { headers } = await get({ contentSecurityPolicy: { reportOnly: true } })
    expect(headers.has('content-security-policy')).toBe(false)
    expect(headers.has('content-security-policy-report-only')).toBe(true)
  })

  it('[SE-1] takes directives by request, as helmet does', async () => {
    const { headers } = await get({
      contentSecurityPolicy: {
        directives: {
          'script-src': ["'self'", (_req, res) => `'nonce-${(res as ExpressResponse).locals['cspNonce'] as string}'`],
          'connect-src': [(req) => `https://${req.headers.host}`],
        },
      },
    })
    const policy = directives(headers.get('content-security-policy'))
    expect(policy['connect-src']).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const [, first, second] = (policy['script-src'] as string).split(' ')
    expect(first).toMatch(/^'nonce-.{24}'$/)
    expect(second).toBe(first)
  })

  it('[SE-1] hands a directive that breaks on a request to the error handler', async () => {
    const res = await get({ contentSecurityPolicy: { directives: { 'img-src': [() => 'https://a.example; evil'] } } })
    expect(res.status).toBe(500)
  })

  it('[SE-1] leaves out a directive that is null, and the whole policy on false', async () => {
    const without = await get({ contentSecurityPolicy: { directives: { fontSrc: null } } })
    expect(directives(without.headers.get('content-security-policy'))).not.toHaveProperty('font-src')
    const none = await get({ contentSecurityPolicy: false })
    expect(none.headers.has('content-security-policy')).toBe(false)
  })

  it('[SE-1] builds a policy from nothing on useDefaults: false', async () => {
    const { headers } = await get({
      contentSecurityPolicy: { useDefaults: false, nonce: false, directives: { 'default-src': ["'self'"] } },
    })
    expect(headers.get('content-security-policy')).toBe("default-src 'self'")
  })

  it('[SE-1] puts the nonce where it is told to, keeping what default-src allows', async () => {
    const { headers } = await get({
      contentSecurityPolicy: { useDefaults: false, nonce: ['script-src-elem'], directives: { defaultSrc: ['https:'] } },
    })
    expect(directives(headers.get('content-security-policy'))['script-src-elem']).toMatch(/^https: 'nonce-.{24}'$/)
  })

  it.each<[SecureHeadersOptions, string, string | null]>([
    [
      { strictTransportSecurity: { maxAge: 60, preload: true } },
      'strict-transport-security',
      'max-age=60; includeSubDomains; preload',
    ],
    [{ hsts: { maxAge: 60, includeSubDomains: false } }, 'strict-transport-security', 'max-age=60'],
    [{ hsts: false }, 'strict-transport-security', null],
    [{ xFrameOptions: { action: 'deny' } }, 'x-frame-options', 'DENY'],
    [{ frameguard: false }, 'x-frame-options', null],
    [{ profile: 'api', xFrameOptions: { action: 'sameorigin' } }, 'x-frame-options', 'SAMEORIGIN'],
    [{ referrerPolicy: { policy: ['origin', 'unsafe-url'] } }, 'referrer-policy', 'origin,unsafe-url'],
    [{ referrerPolicy: undefined }, 'referrer-policy', 'same-origin'],
    [{ crossOriginEmbedderPolicy: true }, 'cross-origin-embedder-policy', 'require-corp'],
    [{ crossOriginResourcePolicy: { policy: 'cross-origin' } }, 'cross-origin-resource-policy', 'cross-origin'],
    [{ crossOriginOpenerPolicy: false }, 'cross-origin-opener-policy', null],
    [{ dnsPrefetchControl: { allow: true } }, 'x-dns-prefetch-control', 'on'],
    [{ permissionsPolicy: false }, 'permissions-policy', null],
  ])('[SE-1] takes the options of helmet: %j', async (options, name, expected) => {
    expect((await get(options)).headers.get(name)).toBe(expected)
  })

  it('[SE-1] gives features to whom it is told', async () => {
    const { headers } = await get({
      permissionsPolicy: {
        camera: ['self', 'https://meet.example.com'],
        fullscreen: '*',
        geolocation: null,
        usb: undefined as never,
      },
    })
    const parsed = parseDictionary(headers.get('permissions-policy') as string)
    expect(parsed.get('camera')?.[0]).toEqual([
      [expect.objectContaining({}), new Map()],
      ['https://meet.example.com', new Map()],
    ])
    expect(headers.get('permissions-policy')).toContain('camera=(self "https://meet.example.com")')
    expect(headers.get('permissions-policy')).toContain('fullscreen=*')
    expect(parsed.has('geolocation')).toBe(false)
    expect(parsed.get('usb')?.[0]).toEqual([])
  })

  it('[SE-1] never overwrites what the application sets', async () => {
    const { headers } = await get({}, (_req, res) => {
      res.set('Content-Security-Policy', "default-src 'none'").set('X-Frame-Options', 'DENY').send('ok')
    })
    expect(headers.get('content-security-policy')).toBe("default-src 'none'")
    expect(headers.get('x-frame-options')).toBe('DENY')
  })

  it('[SE-1] mounted twice, the policy still has the nonce that the page was given', async () => {
    const { url } = await serve(express, (app) => {
      let nonce: unknown
      const inner = express.Router().use(secureHeaders({ profile: 'strict' }))
      inner.get('/', (_req, res) => void res.send(nonce))
      app.use(
        secureHeaders(),
        (_req, res, next) => {
          nonce = res.locals['cspNonce']
          next()
        },
        inner,
      )
    })
    const res = await fetch(url)
    expect(nonceOf(res.headers.get('content-security-policy'))).toBe(await res.text())
    expect(res.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  it('[SE-1] takes off X-Powered-By and what else leaks, however the application set it', async () => {
    const { headers } = await get({}, (_req, res) => {
      res.set('Server', 'Apache/2.4').set('X-AspNet-Version', '4').set('X-Kept', '1')
      res.writeHead(200, { 'X-Generator': 'Drupal' }).end('ok')
    })
    for (const name of ['x-powered-by', 'server', 'x-aspnet-version', 'x-generator'])
      expect(headers.has(name)).toBe(false)
    expect(headers.get('x-kept')).toBe('1')
  })

  it('[SE-1] knows at least the sixty names of the OWASP list', () => {
    expect(leakingHeaders.length).toBeGreaterThanOrEqual(60)
    expect(new Set(leakingHeaders.map((name) => name.toLowerCase())).size).toBe(leakingHeaders.length)
  })

  it.each<[SecureHeadersOptions, { poweredBy: boolean; server: boolean; own: boolean }]>([
    [{ remove: false }, { poweredBy: true, server: true, own: true }],
    [{ remove: ['X-Own'] }, { poweredBy: false, server: true, own: false }],
    [{ xPoweredBy: false }, { poweredBy: true, server: false, own: true }],
    [
      { remove: false, hidePoweredBy: true },
      { poweredBy: false, server: true, own: true },
    ],
  ])('[SE-1] takes off what it is told to: %j', async (options, expected) => {
    const { headers } = await get(options, (_req, res) => void res.set('Server', 'x').set('X-Own', '1').send('ok'))
    expect({
      poweredBy: headers.has('x-powered-by'),
      server: headers.has('server'),
      own: headers.has('x-own'),
    }).toEqual(expected)
  })

  describe('outside production', () => {
    const local: SecureHeadersOptions = { production: false, contentSecurityPolicyReportOnly: true }

    it('[SE-1] leaves HSTS and upgrade-insecure-requests out on plain HTTP at a loopback address', async () => {
      const { headers } = await get(local)
      expect(headers.has('strict-transport-security')).toBe(false)
      expect(directives(headers.get('content-security-policy'))).not.toHaveProperty('upgrade-insecure-requests')
      expect(headers.get('content-security-policy')).toContain('nonce-')
      expect(headers.has('content-security-policy-report-only')).toBe(true)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    })

    it('[SE-1] keeps them behind a proxy that speaks HTTPS to the browser', async () => {
      const { headers } = await get(local, undefined, publicHost)
      expect(headers.has('strict-transport-security')).toBe(true)
      expect(directives(headers.get('content-security-policy'))).toHaveProperty('upgrade-insecure-requests')
    })

    it('[SE-1] leaves them out of a policy without a nonce too', async () => {
      const { headers } = await get({ production: false, contentSecurityPolicy: { nonce: false } })
      expect(headers.has('strict-transport-security')).toBe(false)
      expect(directives(headers.get('content-security-policy'))).not.toHaveProperty('upgrade-insecure-requests')
    })

    it.each([
      ['192.168.178.20:3000', false],
      ['10.1.2.3', false],
      ['172.31.0.9:8080', false],
      ['[fd00::1]:3000', false],
      ['[::1]', false],
      ['mac.local:3000', false],
      ['localhost', false],
      ['demo:3000', false],
      ['172.32.0.1', true],
      ['8.8.8.8', true],
      ['example.com', true],
      ['localhost.example.com', true],
      ['[2606:4700::1111]', true],
      ['not a host', true],
    ])('[SE-1] at %s sends HSTS: %p', async (host, expected) => {
      const { port } = await serve(express, (app) =>
        app.use(secureHeaders(local)).get('/', (_req, res) => void res.send('ok')),
      )
      const { raw } = await import('./apps.js')
      const answer = await raw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(/^strict-transport-security:/im.test(answer)).toBe(expected)
    })
  })

  it('[SE-1] in production sends them at a loopback address too', async () => {
    const { headers } = await get()
    expect(headers.has('strict-transport-security')).toBe(true)
  })

  it('[SE-1] is there on errors and on what matched nothing', async () => {
    const broken: RequestHandler = () => {
      throw new Error('broken')
    }
    const { url } = await serve(express, (app) => app.use(secureHeaders()).get('/broken', broken))
    for (const path of ['/broken', '/nothing']) {
      expect((await fetch(url + path)).headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

it('[SE-1] A2 never uses a nonce twice in 10,000 responses', () => {
  const [step] = stepsOf(secureHeaders())
  const seen = new Set<string>()
  const notes = new Map()
  const exchange = {
    req: {},
    res: { hasHeader: () => false, locals: {} },
    note: (key: object) => notes.get(key),
    setNote: (key: object, value: unknown) => notes.set(key, value),
    setHeader: (_name: string, value: string) => seen.add(nonceOf(value) as string),
  }
  for (let count = 0; count < 10_000; count++) {
    notes.clear()
    void step?.request?.(exchange as never)
  }
  expect(seen.size).toBe(10_000)
  // Each of the 128 bits is drawn: it is set in some, and not in others.
  const drawn = [...seen].map((nonce) => Buffer.from(nonce, 'base64'))
  expect(drawn.every(({ length }) => length === 16)).toBe(true)
  for (let at = 0; at < 16; at++) {
    const values = drawn.map((bytes) => bytes[at] as number)
    expect(values.reduce((all, value) => all | value)).toBe(255)
    expect(values.reduce((all, value) => all & value)).toBe(0)
  }
  // And none is drawn for two of them.
  const repeats = drawn.filter((bytes, at) => ((bytes[15] as number) & 3) === (((drawn[at + 1]?.[0] ?? 0) >> 2) & 3))
  expect(repeats.length).toBeLessThan(5000)
})

it('[SE-1] works out at creation all that does not change', () => {
  const [step] = stepsOf(secureHeaders({ profile: 'api', xPoweredBy: false, remove: false }))
  expect(step?.request).toBeUndefined()
  expect(step?.head).toBeUndefined()
  expect(step?.headers?.map(([name]) => name)).toContain('Content-Security-Policy')
})

it('[SE-1] needs no Express', async () => {
  const apply = secureHeaders()
  const server = await listen(
    createServer((req, res) =>
      apply(req, res, () => res.end(String((res as never as ExpressResponse).locals['cspNonce']))),
    ),
  )
  const res = await fetch(server.url)
  expect(await res.text()).toBe(nonceOf(res.headers.get('content-security-policy')))
  await server.close()
})

describe('options of secureHeaders', () => {
  it.each<[string, unknown]>([
    ['profile', { profile: 'spa' }],
    ['csp', { csp: {} }],
    ['production', { production: 'yes' }],
    ['hsts', { hsts: true, strictTransportSecurity: true }],
    ['referrerPolicy', { referrerPolicy: { policy: 'never' } }],
    ['xFrameOptions', { xFrameOptions: 'deny' }],
    ['contentSecurityPolicy.directives', { contentSecurityPolicy: { directives: { 'script-src': ['self'] } } }],
    ['contentSecurityPolicy.directives', { contentSecurityPolicy: { directives: { 'img-src': ['a;b'] } } }],
    ['contentSecurityPolicy.directives', { contentSecurityPolicy: { directives: { imgSrc: [], 'img-src': [] } } }],
    ['contentSecurityPolicy.directives', { contentSecurityPolicy: { directives: { defaultSrc: null } } }],
    ['contentSecurityPolicy.directive', { contentSecurityPolicy: { directive: {} } }],
    ['contentSecurityPolicy', { contentSecurityPolicy: 'default-src *' }],
    ['contentSecurityPolicy.nonce', { contentSecurityPolicy: { nonce: 'script-src' } }],
    ['contentSecurityPolicy.reportTo', { contentSecurityPolicy: { reportTo: 'nowhere' } }],
    [
      'contentSecurityPolicyReportOnly',
      { contentSecurityPolicy: { reportOnly: true }, contentSecurityPolicyReportOnly: true },
    ],
    ['reportingEndpoints.csp', { reportingEndpoints: { csp: 'http://example.com' } }],
    ['reportingEndpoints.csp', { reportingEndpoints: { csp: 'https://example.com/;script-src *' } }],
    ['reportingEndpoints.CSP', { reportingEndpoints: { CSP: '/csp' } }],
    ['permissionsPolicy', { permissionsPolicy: 'camera=()' }],
    ['permissionsPolicy.Camera', { permissionsPolicy: { Camera: [] } }],
    ['permissionsPolicy.camera', { permissionsPolicy: { camera: true } }],
    ['permissionsPolicy.camera[0]', { permissionsPolicy: { camera: ['none'] } }],
    ['permissionsPolicy.camera[0]', { permissionsPolicy: { camera: ['https://a.example", "x'] } }],
    ['remove', { remove: 'Server' }],
    ['remove[0]', { remove: ['a header'] }],
    ['hidePoweredBy', { hidePoweredBy: true, xPoweredBy: true }],
  ])('[SE-1] refuses a wrong `%s` at creation', (option, options) => {
    let error: unknown
    try {
      secureHeaders(options as never)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ factory: 'secureHeaders', option })
  })

  it('[SE-1] undefined means omitted', () => {
    const names = Object.fromEntries(
      [
        'profile',
        'contentSecurityPolicy',
        'contentSecurityPolicyReportOnly',
        'permissionsPolicy',
        'reportingEndpoints',
        'remove',
        'production',
        'hsts',
      ].map((name) => [name, undefined]),
    )
    expect(stepsOf(secureHeaders(names as never))[0]?.headers).toEqual(stepsOf(secureHeaders())[0]?.headers)
  })
})
