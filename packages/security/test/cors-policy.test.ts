import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import cors from 'cors'
import { corsPolicy, type CorsPolicyOptions } from '../src/index.js'
import { closeAll, serve, threats, versions } from './apps.js'

afterEach(closeAll)

const app = 'https://app.example.com'

describe.each(versions)('corsPolicy on %s', (_, express) => {
  const found = threats()

  async function request(options: CorsPolicyOptions | undefined, init: RequestInit = {}): Promise<Response> {
    const { url } = await serve(express, (server) => {
      server.use(corsPolicy(options))
      server.options('/own', (_req, res) => void res.status(200).set('Allow', 'GET').send('mine'))
      server.all('/', (_req, res) => void res.send('ok'))
    })
    return fetch(url, init)
  }
  const from = (origin: string, headers: Record<string, string> = {}): RequestInit => ({
    headers: { origin, ...headers },
  })
  const preflight = (origin: string): RequestInit => ({
    method: 'OPTIONS',
    headers: { origin, 'Access-Control-Request-Method': 'PUT', 'Access-Control-Request-Headers': 'content-type' },
  })

  it('[SE-3] lets an origin of the list read the answer', async () => {
    const { headers, status } = await request({ origins: [app], credentials: true }, from(app))
    expect(status).toBe(200)
    expect(headers.get('access-control-allow-origin')).toBe(app)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('vary')).toBe('Origin')
  })

  it("[SE-3] exposes the toolkit's own headers", async () => {
    const { headers } = await request({ origins: [app] }, from(app))
    const exposed = headers.get('access-control-expose-headers')?.split(',')
    for (const name of [
      'X-Request-Id',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'ETag',
      'X-Total-Count',
      'Link',
    ])
      expect(exposed).toContain(name)
  })

  it('[SE-3] answers a preflight with 204, to be kept for two hours', async () => {
    const res = await request({ origins: [app] }, preflight(app))
    expect(res.status).toBe(204)
    expect(res.headers.get('access-control-allow-origin')).toBe(app)
    expect(res.headers.get('access-control-allow-methods')).toBe('GET,HEAD,PUT,PATCH,POST,DELETE')
    expect(res.headers.get('access-control-allow-headers')?.split(',')).toContain('Content-Type')
    expect(res.headers.get('access-control-max-age')).toBe('7200')
    expect(res.headers.get('content-length')).toBe('0')
    expect(res.headers.get('vary')).toBe('Origin')
  })

  it('[SE-3] tells every origin what is its own, however often and in whatever order they come', async () => {
    const other = 'https://other.example.com'
    const { url } = await serve(express, (server) => {
      server.use(corsPolicy({ origins: [app, other], credentials: true }))
      server.all('/', (_req, res) => void res.send('ok'))
    })
    for (let round = 0; round < 3; round++) {
      for (const origin of [app, other, 'https://evil.example']) {
        const { headers } = await fetch(url, from(origin))
        const allowed = origin.endsWith('.example.com')
        expect(headers.get('access-control-allow-origin')).toBe(allowed ? origin : null)
        expect(headers.get('access-control-allow-credentials')).toBe(allowed ? 'true' : null)
        expect(headers.get('vary')).toBe('Origin')
      }
      expect((await fetch(url, preflight(app))).status).toBe(204)
      expect((await fetch(url, from(app, { 'x-a': '1' }))).headers.get('access-control-allow-methods')).toBeNull()
    }
  })

  it('[SE-3] says to an allowed origin what the cors package says', async () => {
    const values = {
      methods: ['GET', 'PUT'],
      allowedHeaders: ['X-A', 'X-B'],
      exposedHeaders: ['X-C'],
      credentials: true,
    }
    const theirs = await serve(express, (server) =>
      server.use(cors({ ...values, origin: [app], maxAge: 60 })).all('/', (_req, res) => void res.send('ok')),
    )
    for (const init of [from(app), preflight(app)]) {
      const ours = await request({ ...values, origins: [app], maxAge: '60s' }, init)
      const expected = [...(await fetch(theirs.url, init)).headers].filter(([name]) =>
        /^access-control|^vary/.test(name),
      )
      expect([...ours.headers].filter(([name]) => /^access-control|^vary/.test(name))).toEqual(expected)
    }
  })

  it('[SE-3] leaves OPTIONS without Access-Control-Request-Method to the application', async () => {
    const { url } = await serve(express, (server) => {
      server.use(corsPolicy({ origins: [app] }))
      server.options('/', (_req, res) => void res.set('Allow', 'GET').send('mine'))
    })
    const res = await fetch(url, { method: 'OPTIONS', headers: { origin: app } })
    expect(await res.text()).toBe('mine')
    expect(res.headers.get('access-control-allow-origin')).toBe(app)
  })

  it('[SE-3] without origins sends nothing, and leaves preflights to the application', async () => {
    const res = await request(undefined, preflight(app))
    expect(await res.text()).toBe('ok')
    for (const name of ['vary', 'access-control-allow-origin', 'access-control-expose-headers'])
      expect(res.headers.has(name)).toBe(false)
  })

  it('[SE-3] answers everybody alike on *', async () => {
    const got = await request({ origins: '*' }, from('https://anybody.example'))
    expect(got.headers.get('access-control-allow-origin')).toBe('*')
    expect(got.headers.has('vary')).toBe(false)
    const asked = await request({ origins: ['*'] }, preflight('null'))
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe('*')
  })

  describe.each<[string, CorsPolicyOptions]>([
    ['a list', { origins: [app] }],
    ['a wildcard', { origins: ['https://*.example.com'] }],
    ['a regular expression', { origins: [/^https:\/\/[a-z]+\.example\.com$/g] }],
    ['a function', { origins: (origin) => origin === app }],
    ['a function that waits', { origins: (origin) => Promise.resolve(origin === app) }],
  ])('with %s', (_form, options) => {
    it('[SE-3] A5 allows what matches', async () => {
      const { headers } = await request(options, from(app))
      expect(headers.get('access-control-allow-origin')).toBe(app)
    })

    it.each(['https://evil.example', 'https://app.example.com.evil.example', 'null', 'http://app.example.com', ''])(
      '[SE-3] A5 denies %p: no Access-Control-Allow-Origin, but Vary: Origin',
      async (origin) => {
        const res = await request(options, from(origin))
        expect(res.status).toBe(200)
        expect(res.headers.has('access-control-allow-origin')).toBe(false)
        expect(res.headers.has('access-control-allow-credentials')).toBe(false)
        expect(res.headers.get('vary')).toBe('Origin')
      },
    )

    it('[SE-3] A5 varies by origin also where none was sent', async () => {
      const { headers } = await request(options)
      expect(headers.get('vary')).toBe('Origin')
      expect(headers.has('access-control-allow-origin')).toBe(false)
    })

    it('[SE-3] A5 refuses a preflight with 403 and tells of it', async () => {
      const res = await request(options, preflight('https://evil.example'))
      expect(res.status).toBe(403)
      expect(await res.json()).toMatchObject({ code: 'ERR_SECURITY_CORS' })
      expect(res.headers.has('access-control-allow-origin')).toBe(false)
      expect(res.headers.get('vary')).toBe('Origin')
      expect(found).toMatchObject([{ kind: 'cors', rule: 'unknown-origin', field: 'header.origin', blocked: true }])
    })
  })

  it('[SE-3] A5 gives the same answer 100 times for a pattern with the flag g', async () => {
    const { url } = await serve(express, (server) =>
      server
        .use(corsPolicy({ origins: [/^https:\/\/app\.example\.com$/g] }))
        .get('/', (_req, res) => void res.send('ok')),
    )
    const answers = new Set<string | null>()
    for (let count = 0; count < 100; count++) {
      answers.add((await fetch(url, from(app))).headers.get('access-control-allow-origin'))
    }
    expect([...answers]).toEqual([app])
  })

  it.each<[string, string, boolean]>([
    ['https://*.example.com', 'https://a.example.com', true],
    ['https://*.example.com', 'https://a.b.example.com', true],
    ['https://*.example.com', 'https://example.com', false],
    ['https://*.example.com', 'https://evil-example.com', false],
    ['https://*.example.com', 'https://a.example.com:8443', false],
    ['https://*.example.com', 'http://a.example.com', false],
    ['https://*.example.com', 'https://evil.test/.example.com', false],
    ['https://*.example.com', 'https://evil.test#.example.com', false],
    ['https://*.example.com', 'https://user@a.example.com', false],
    ['https://*.example.com', 'https://a.example.com.', false],
    ['https://*.example.com', 'https://A.example.com', false],
    ['https://*.example.com', 'https://a.example.com:', false],
    ['https://*.example.com', 'https://a..example.com', false],
    ['https://*.example.com', 'https://.example.com', false],
    ['https://*.example.com:8443', 'https://a.example.com:08443', false],
    ['https://*.example.com:8443', 'https://a.example.com:8443', true],
    ['http://localhost:*', 'http://localhost:5173', true],
    ['http://localhost:*', 'http://localhost', true],
    ['http://localhost:*', 'http://localhost.evil.test:80', false],
    ['http://localhost:*', 'http://localhost:evil', false],
    ['capacitor://localhost', 'capacitor://localhost', true],
    ['https://[::1]:3000', 'https://[::1]:3000', true],
  ])('[SE-3] the pattern %s on %s: %p', async (pattern, origin, allowed) => {
    const { headers } = await request({ origins: [pattern] }, from(origin))
    expect(headers.get('access-control-allow-origin')).toBe(allowed ? origin : null)
  })

  it('[SE-3] anchors every alternative of a pattern', async () => {
    const options = { origins: [/^https:\/\/a\.example|https:\/\/b\.example$/] }
    for (const origin of ['https://a.example.evil.test', 'https://evil.test/https://b.example']) {
      expect((await request(options, from(origin))).headers.has('access-control-allow-origin')).toBe(false)
    }
    expect((await request(options, from('https://a.example'))).headers.has('access-control-allow-origin')).toBe(true)
  })

  it('[SE-3] does not run a pattern over an origin of any length', async () => {
    const { headers } = await request(
      { origins: [/^https:\/\/a+\.example$/] },
      from(`https://${'a'.repeat(5000)}.example`),
    )
    expect(headers.has('access-control-allow-origin')).toBe(false)
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['the origin itself', app],
    ['1', 1],
    ['an object', {}],
    ['a promise of the origin', Promise.resolve(app)],
    ['a promise of null', Promise.resolve(null)],
  ])('[SE-3] A5 takes nothing but true of a function for yes: %s', async (_what, answer) => {
    const { status, headers } = await request({ origins: (() => answer) as never, credentials: true }, from(app))
    expect(status).toBe(200)
    expect(headers.has('access-control-allow-origin')).toBe(false)
    expect(headers.get('vary')).toBe('Origin')
  })

  it('[SE-3] A5 waits for promises of any library', async () => {
    const promise = { then: (resolve: (value: boolean) => void) => void setImmediate(resolve, true) }
    const { headers } = await request({ origins: (() => promise) as never }, from(app))
    expect(headers.get('access-control-allow-origin')).toBe(app)
  })

  it('[SE-3] hands an error of the function to the error handler', async () => {
    const failing = { origins: () => Promise.reject(new Error('no database')) }
    expect((await request(failing, from(app))).status).toBe(500)
  })

  it("[SE-3] keeps the application's own Vary beside its own", async () => {
    const { url } = await serve(express, (server) =>
      server.use(corsPolicy({ origins: [app] })).get('/', (_req, res) => void res.vary('Accept').send('ok')),
    )
    const vary = (await fetch(url, from(app))).headers.get('vary')?.split(/, */)
    expect(vary).toEqual(expect.arrayContaining(['Accept', 'Origin']))
  })
})

describe('options of corsPolicy', () => {
  const refused = (options: unknown): ConfigError => {
    try {
      corsPolicy(options as never)
    } catch (error) {
      if (error instanceof ConfigError) return error
    }
    throw new Error('was not refused')
  }

  it("[SE-3] A4 refuses '*' together with credentials", () => {
    expect(refused({ origins: '*', credentials: true }).option).toBe('origins')
    expect(refused({ origins: ['*'], credentials: true }).option).toBe('origins')
    expect(refused({ origins: [app, '*'], credentials: true }).option).toBe('origins')
  })

  it('[SE-3] A4 refuses to reflect every origin, with credentials and without', () => {
    expect(refused({ origins: true, credentials: true }).option).toBe('origins')
    expect(refused({ origins: true }).option).toBe('origins')
    expect(refused({ origins: [/^.*$/], credentials: true }).option).toBe('origins[0]')
    expect(refused({ origins: [/^https?:\/\/.+$/] }).option).toBe('origins[0]')
  })

  it("[SE-3] A4 refuses 'null'", () => {
    expect(refused({ origins: ['null'] }).option).toBe('origins[0]')
    expect(refused({ origins: [/^(?:null|https:\/\/a\.example)$/] }).option).toBe('origins[0]')
  })

  it.each([
    /^https:\/\/.*example\.com$/,
    /^https:\/\/[a-z-]+example\.com$/,
    /^https:\/\/.*.example\.com$/,
    /^https:\/\/app.example\.com$/,
    /^https?:\/\/app\.example.com$/,
    /^https:\/\/.+.example.com(:\d+)?$/,
    /^.*\.example\.com$|^https:\/\/(.*)$/,
    /^https:\/\/\S*example\.com$/i,
  ])('[SE-3] A4 refuses the pattern %s, which lets in names that others can have', (pattern) => {
    expect(refused({ origins: [pattern], credentials: true }).option).toBe('origins[0]')
  })

  it.each([
    /^https:\/\/.*\.example\.com$/,
    /^https:\/\/(?:[a-z]+\.)?example\.com$/,
    /^https:\/\/(.+\.)?example\.com(:\d+)?$/,
    /^https:\/\/(?:a|b)\.example\.(?:com|org)$/,
    /^https:\/\/pr-\d+preview\.app\.example\.com$/,
    /^https:\/\/site-[a-z0-9]+-team\.vercel\.app$/,
    /^http:\/\/localhost:\d+$/,
  ])('[SE-3] takes the pattern %s', (pattern) => {
    expect(() => corsPolicy({ origins: [pattern], credentials: true })).not.toThrow()
  })

  it.each(['https://*.co.uk', 'https://*.vercel.app', 'https://*.github.io', 'http://*.amazonaws.com:*'])(
    '[SE-3] A4 refuses %s, below which anybody can have a name',
    (pattern) => expect(refused({ origins: [pattern] }).option).toBe('origins[0]'),
  )

  it.each<[string, unknown]>([
    ['origins[0]', { origins: [/example\.com$/] }],
    ['origins[0]', { origins: [/^https:\/\/example\.com/] }],
    ['origins[0]', { origins: [/^https:\/\/example\.com\$/] }],
    ['origins[0]', { origins: ['https://app.example.com/'] }],
    ['origins[0]', { origins: ['app.example.com'] }],
    ['origins[0]', { origins: ['https://App.example.com'] }],
    ['origins[0]', { origins: ['https://app.example.com:443'] }],
    ['origins[0]', { origins: ['https://*.com'] }],
    ['origins[0]', { origins: ['https://*'] }],
    ['origins[0]', { origins: ['*.example.com'] }],
    ['origins[1]', { origins: [app, 'https://a.*.example.com'] }],
    ['origins[0]', { origins: [42] }],
    ['origins', { origins: app }],
    ['origin', { origin: [app] }],
    ['methods', { methods: 'GET' }],
    ['methods[0]', { methods: ['GET, PUT'] }],
    ['allowedHeaders[0]', { allowedHeaders: ['a b'] }],
    ['exposedHeaders[0]', { origins: [app], credentials: true, exposedHeaders: ['*'] }],
    ['maxAge', { maxAge: 'long' }],
    ['credentials', { credentials: 'include' }],
  ])('[SE-3] refuses a wrong `%s` at creation', (option, options) => expect(refused(options).option).toBe(option))

  it('[SE-3] undefined means omitted', () => {
    const names = ['origins', 'credentials', 'methods', 'allowedHeaders', 'exposedHeaders', 'maxAge']
    expect(() => corsPolicy(Object.fromEntries(names.map((name) => [name, undefined])))).not.toThrow()
  })
})
