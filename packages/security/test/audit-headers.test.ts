import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import cors from 'cors'
import type { Request, RequestHandler, Response } from 'express'
import fc from 'fast-check'
import helmet from 'helmet'
import { auditHeaders, corsPolicy, httpsRedirect, secureHeaders } from '../src/index.js'
import { grade, type Graded } from '../src/audit/grade.js'
import { findTags } from '../src/audit/html-tags.js'
import { observe } from '../src/audit/observe.js'
import type { Observed } from '../src/audit/observed.js'
import { closeAll, serve, serveApp, versions } from './apps.js'
import { answered, observatory, type OracleGrade } from './oracle/ask-observatory.js'

afterEach(closeAll)

const modifiersOf = ({ findings }: Graded): Record<string, number> =>
  Object.fromEntries(findings.slice(0, 10).map(({ check, modifier }) => [check, modifier]))

const summary = (graded: Graded): OracleGrade => {
  return { score: graded.score, grade: graded.grade, modifiers: modifiersOf(graded) }
}

type Fixture = readonly [
  name: string,
  middlewares: readonly RequestHandler[],
  route?: (req: Request, res: Response) => void,
]

const page = '<!doctype html><title>x</title><p>text</p>'
const set = (headers: Record<string, string | string[]>): RequestHandler => {
  return (_req, res, next) => {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    next()
  }
}
const html = (body: string) => (_req: Request, res: Response) => void res.type('html').send(body)

const fixtures: readonly Fixture[] = [
  ['nothing', []],
  ['helmet', [helmet()]],
  ['secureHeaders web', [secureHeaders()]],
  ['secureHeaders api', [secureHeaders({ profile: 'api' })], (_req, res) => void res.json({})],
  ['secureHeaders strict', [secureHeaders({ profile: 'strict' })]],
  ['secureHeaders without a policy', [secureHeaders({ contentSecurityPolicy: false })]],
  ['only a reported policy', [secureHeaders({ contentSecurityPolicy: { reportOnly: true } })]],
  ['inline scripts', [set({ 'Content-Security-Policy': "default-src 'self'; script-src 'self' 'unsafe-inline'" })]],
  ['eval', [secureHeaders({ contentSecurityPolicy: { directives: { scriptSrc: ["'self'", "'unsafe-eval'"] } } })]],
  ['images over plain HTTP', [secureHeaders({ contentSecurityPolicy: { directives: { imgSrc: ['http:'] } } })]],
  ['a policy of nonsense', [set({ 'Content-Security-Policy': 'x' })]],
  ['strict-dynamic without a nonce', [set({ 'Content-Security-Policy': "script-src 'strict-dynamic' https:" })]],
  ['short HSTS', [secureHeaders({ hsts: { maxAge: 600 } })]],
  ['no HSTS', [secureHeaders({ hsts: false })]],
  ['HSTS of nonsense', [secureHeaders(), set({ 'Strict-Transport-Security': 'for ever' })]],
  ['an unsafe referrer', [secureHeaders({ referrerPolicy: { policy: 'unsafe-url' } })]],
  ['cookies as they should be', [secureHeaders(), set({ 'Set-Cookie': 'sid=1; Secure; HttpOnly; SameSite=Lax' })]],
  ['a session that scripts read', [secureHeaders(), set({ 'Set-Cookie': ['session=1; Secure', 'a=b; Secure'] })]],
  ['an insecure session', [set({ 'Set-Cookie': 'sessionid=1; HttpOnly; SameSite=Lax' })]],
  ['an insecure session behind HSTS', [helmet(), set({ 'Set-Cookie': 'sessionid=1; HttpOnly; SameSite=Lax' })]],
  ['SameSite of nonsense', [secureHeaders(), set({ 'Set-Cookie': 'a=1; Secure; SameSite=Maybe' })]],
  ['a CSRF token without SameSite', [secureHeaders(), set({ 'Set-Cookie': 'csrftoken=1; Secure' })]],
  ['CORS for everybody with credentials', [secureHeaders(), cors({ origin: true, credentials: true })]],
  ['CORS for everybody', [secureHeaders(), corsPolicy({ origins: '*' })]],
  ['CORS for some', [secureHeaders(), corsPolicy({ origins: ['https://app.example.com'], credentials: true })]],
  ['frames by header', [set({ 'X-Frame-Options': 'SAMEORIGIN', 'X-Content-Type-Options': 'no' })]],
  ['resources of anybody', [secureHeaders({ crossOriginResourcePolicy: { policy: 'cross-origin' } })]],
  ['resource policy of nonsense', [secureHeaders(), set({ 'Cross-Origin-Resource-Policy': 'mine' })]],
  ['scripts of another site', [secureHeaders()], html('<script src="https://cdn.example.org/x.js"></script>')],
  [
    'scripts with a hash',
    [secureHeaders()],
    html('<script integrity="sha384-x" crossorigin src="https://cdn.example.org/x.js"></script>'),
  ],
  [
    'letters of which small ones take more room',
    [secureHeaders()],
    html(`<p>${'\u0130'.repeat(30)}<script src="https://cdn.example.org/x.js"></script>`),
  ],
  ['scripts by any scheme', [secureHeaders()], html('<script src="//cdn.example.org/x.js"></script>')],
  ['scripts of its own', [secureHeaders()], html('<script src="/x.js"></script><script>1</script>')],
  ['a hash on scripts of its own', [secureHeaders()], html('<script integrity=sha384-x src=/x.js></script>')],
  [
    'a policy in the page',
    [set({ 'X-Content-Type-Options': 'nosniff' })],
    html(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; frame-ancestors 'none'">`),
  ],
  ['a referrer policy in the page', [helmet()], html('<meta name=referrer content="unsafe-url">')],
]

describe.each(versions)('auditHeaders on %s', (_, express) => {
  function app([, middlewares, route = html(page)]: Fixture) {
    const built = express()
    for (const middleware of middlewares) built.use(middleware)
    return built.get('/', route)
  }

  it('[SE-8] A1 gives 20 and more kinds of answers the score that the Observatory gives them', async () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(20)
    const seen: Observed[] = []
    const ours: Graded[] = []
    for (const fixture of fixtures) {
      const { url } = await serveApp(app(fixture))
      const options = { headers: {}, timeoutMs: 5000, behindTls: true, preloaded: false }
      seen.push(await observe(new URL(url), options))
      ours.push(await auditHeaders(app(fixture)))
    }
    const theirs = await observatory(seen)
    const named = (graded: readonly OracleGrade[]): unknown => fixtures.map(([name], at) => ({ name, ...graded[at] }))
    expect(named(ours.map(summary))).toEqual(named(theirs))
  }, 120_000)

  it.each(['web', 'api', 'strict'] as const)('[SE-1] A1 the profile %s is graded A+', async (profile) => {
    const audit = await auditHeaders(app(['', [secureHeaders({ profile })]]))
    expect(audit.grade).toBe('A+')
    expect(audit.score).toBeGreaterThanOrEqual(120)
    expect(audit.findings.filter(({ modifier }) => modifier < 0)).toEqual([])
    expect(audit.findings).toHaveLength(10)
  })

  it('[SE-8] says what to change, beyond what counts for the grade too', async () => {
    const { findings, grade: letter, score } = await auditHeaders(app(['', [set({ Server: 'Apache/2.4.1' })]]))
    expect([letter, score]).toEqual(['D', 30])
    for (const finding of findings) expect(finding.pass).toBe(finding.modifier >= 0 && finding.advice === '')
    const by = Object.fromEntries(findings.map((finding) => [finding.check, finding]))
    expect(by['content-security-policy']).toMatchObject({ result: 'csp-missing', modifier: -25, pass: false })
    expect(by['leaking-headers']?.message).toContain('Server, X-Powered-By')
    expect(by['permissions-policy']?.advice).toContain('secureHeaders')
  })

  it('[SE-8] asks an application as the proxy before it would, and leaves nothing open', async () => {
    const asked: unknown[] = []
    const built = express()
    built.set('trust proxy', 'loopback')
    built.use((req, _res, next) => {
      asked.push([req.method, req.url, req.protocol, req.headers['x-key']])
      next()
    })
    built.use(secureHeaders({ production: false }), httpsRedirect()).get('/app', html(page))
    const audit = await auditHeaders(built, { path: '/app', headers: { 'X-Key': '1' } })
    expect(audit.grade).toBe('A+')
    expect(audit.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/app$/)
    expect(asked).toEqual([
      ['GET', '/app', 'https', '1'],
      ['OPTIONS', '/app', 'https', '1'],
    ])
  })

  it('[SE-8] takes a server that listens, one that does not, and a URL', async () => {
    const listening = await serve(express, (built) => built.use(secureHeaders()).get('/', html(page)))
    const idle = createServer(app(['', [secureHeaders()]]) as never)
    for (const target of [listening.server, idle, listening.url, new URL(listening.url)]) {
      expect((await auditHeaders(target)).grade).toBe('A+')
    }
    expect(listening.server.listening).toBe(true)
    expect(idle.listening).toBe(false)
  })

  it('[SE-8] grades plain HTTP as it is where no proxy stands before it', async () => {
    const { url } = await serve(express, (built) => built.use(secureHeaders()).get('/', html(page)))
    const { findings, grade: letter } = await auditHeaders(url, { behindTls: false })
    const results = findings.map(({ result }) => result)
    expect(results).toEqual(expect.arrayContaining(['hsts-no-https', 'redirection-missing']))
    expect(letter).not.toBe('A+')
  })

  it('[SE-8] follows redirects, but not for ever', async () => {
    const { url } = await serve(express, (built) => {
      built.use(secureHeaders())
      built.get('/', (_req, res) => res.redirect('/home'))
      built.get('/home', html(page))
      built.get('/round', (_req, res) => res.redirect('/round'))
    })
    expect((await auditHeaders(url)).url).toMatch(/\/home$/)
    expect((await auditHeaders(`${url}/round`)).url).toMatch(/\/round$/)
  })

  it('[SE-8] gives up on what does not answer, or answers without end', async () => {
    const { url } = await serve(express, (built) => {
      built.get('/hang', () => {})
      built.get('/endless', (_req, res) => {
        const more = (): boolean | void =>
          res.destroyed || (res.write('x'.repeat(65_536)) ? void setImmediate(more) : void res.once('drain', more))
        res.type('html')
        more()
      })
    })
    await expect(auditHeaders(`${url}/hang`, { timeout: 50 })).rejects.toThrow()
    expect((await auditHeaders(`${url}/endless`)).findings).toHaveLength(14 - 1)
    await expect(auditHeaders('http://127.0.0.1:1')).rejects.toThrow()
  })
})

describe('the grade', () => {
  const source = fc.constantFrom(
    "'self'",
    "'none'",
    "'unsafe-inline'",
    "'unsafe-eval'",
    "'strict-dynamic'",
    "'nonce-abc'",
    "'sha256-xyz'",
    '*',
    'https:',
    'http:',
    'data:',
    'https://a.example',
    'https://a.example/x',
    'http://b.example',
    '*.example.com',
  )
  const directive = fc.tuple(
    fc.constantFrom(
      'default-src',
      'script-src',
      'style-src',
      'img-src',
      'object-src',
      'frame-ancestors',
      'base-uri',
      'form-action',
      'connect-src',
      'report-uri',
      'media-src',
      'Script-Src',
    ),
    fc.array(source, { maxLength: 4 }),
  )
  const policy = fc
    .array(directive, { maxLength: 6 })
    .map((list) => list.map(([name, sources]) => [name, ...sources].join(' ')).join('; '))
  const cookie = fc
    .tuple(
      fc.constantFrom('sid', 'session', 'csrftoken', 'a', 'LoginToken'),
      fc.subarray(['Secure', 'HttpOnly']),
      fc.constantFrom('', 'SameSite=Lax', 'SameSite=strict', 'SameSite=None', 'SameSite=Odd', 'SameSite', 'Path=/'),
    )
    .map(([name, flags, sameSite]) => [`${name}=1`, ...flags, ...(sameSite === '' ? [] : [sameSite])].join('; '))
  const script = fc
    .tuple(
      fc.constantFrom(
        '/a.js',
        'a.js',
        '//cdn.example.org/a.js',
        'https://cdn.example.org/a.js',
        'http://cdn.example.org/a.js',
        'https://static.example.com/a.js',
        'http://www.example.com/a.js',
      ),
      fc.boolean(),
    )
    .map(([src, hash]) => `<script src="${src}"${hash ? ' integrity="sha384-x"' : ''}></script>`)
  const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined })
  const answer = fc
    .record({
      csp: optional(policy),
      reported: optional(policy),
      hsts: optional(
        fc.constantFrom(
          'max-age=31536000',
          'max-age=15552000; includeSubDomains',
          'max-age=15551999',
          'max-age=x',
          'includeSubDomains',
          'max-age=1, max-age=31536000',
        ),
      ),
      frames: optional(fc.constantFrom('DENY', 'sameorigin ', 'ALLOW-FROM https://a.example', 'none')),
      sniff: optional(fc.constantFrom('nosniff', ' NoSniff', 'sniff')),
      referrer: optional(
        fc.constantFrom('no-referrer', 'unsafe-url', 'origin, same-origin', 'odd', 'same-origin, odd'),
      ),
      resource: optional(fc.constantFrom('same-origin', 'SAME-SITE', 'cross-origin', 'odd')),
      cookies: fc.array(cookie, { maxLength: 3 }),
      scripts: optional(fc.array(script, { maxLength: 3 })),
      meta: optional(policy),
      cors: optional(fc.constantFrom('*', 'https://audit.invalid', 'https://other.example')),
      credentials: fc.boolean(),
    })
    .map((made): Observed => {
      const headers: IncomingHttpHeaders = Object.fromEntries(
        [
          ['content-security-policy', made.csp],
          ['content-security-policy-report-only', made.reported],
          ['strict-transport-security', made.hsts],
          ['x-frame-options', made.frames],
          ['x-content-type-options', made.sniff],
          ['referrer-policy', made.referrer],
          ['cross-origin-resource-policy', made.resource],
        ].filter(([, value]) => value !== undefined && value !== ''),
      )
      if (made.cookies.length > 0) headers['set-cookie'] = made.cookies
      if (made.scripts !== undefined) headers['content-type'] = 'text/html'
      const metas = made.meta ? `<meta http-equiv="Content-Security-Policy" content="${made.meta}">` : ''
      const body = made.scripts === undefined ? undefined : `<html><head>${metas}</head><body>${made.scripts.join('')}`
      const sharing: IncomingHttpHeaders | undefined =
        made.cors === undefined
          ? undefined
          : {
              'access-control-allow-origin': made.cors,
              ...(made.credentials ? { 'access-control-allow-credentials': 'true' } : {}),
            }
      return answered(headers, body, sharing)
    })

  it('[SE-8] A1 is that of the Observatory for 300 answers made at random', async () => {
    const made = fc.sample(answer, { numRuns: 300, seed: 20_261_121 })
    const theirs = await observatory(made)
    const differing = made
      .map((observed, at) => ({ ...observed, ours: summary(grade(observed)), theirs: theirs[at] as OracleGrade }))
      .filter(({ ours, theirs: expected }) => JSON.stringify(ours) !== JSON.stringify(expected))
    expect(differing.slice(0, 3)).toEqual([])
    expect(new Set(theirs.map((graded) => graded.grade)).size).toBeGreaterThan(8)
  }, 120_000)

  it('[SE-8] never throws, on any headers and any page', () => {
    const headers = fc.dictionary(
      fc.constantFrom('content-security-policy', 'referrer-policy', 'x-frame-options'),
      fc.string(),
    )
    fc.assert(fc.property(headers, fc.string(), (some, body) => void grade(answered(some, body))))
  })

  it.each<[string, Partial<Observed>, string, number]>([
    ['a host of the preload list', { preloaded: true }, 'strict-transport-security', 5],
    ['a certificate that nobody knows', { https: { headers: {}, verified: false } }, 'strict-transport-security', -20],
    ['no HTTPS', { https: undefined }, 'strict-transport-security', -20],
    ['no plain HTTP', { route: undefined }, 'redirection', 0],
    ['plain HTTP that stays', { route: ['http://a.b/'].map((url) => new URL(url)) }, 'redirection', -20],
    ['a good way', { route: ['http://a.b/', 'https://a.b/'].map((url) => new URL(url)) }, 'redirection', 0],
    ['a way by another host', { route: ['http://a.b/', 'https://c.d/'].map((url) => new URL(url)) }, 'redirection', -5],
    [
      'a long way',
      { route: ['http://a.b/', 'http://c.d/', 'https://c.d/'].map((url) => new URL(url)) },
      'redirection',
      -10,
    ],
    ['a way to plain HTTP', { route: ['http://a.b/', 'http://c.d/'].map((url) => new URL(url)) }, 'redirection', -20],
  ])('[SE-8] takes into account %s', (_what, more, check, modifier) => {
    const graded = grade({ ...answered({}), ...more })
    expect(modifiersOf(graded)[check]).toBe(modifier)
  })
})

describe('finding tags', () => {
  const sources = (page: string): (string | undefined)[] =>
    findTags(page, new Set(['script'])).map(({ attributes }) => attributes.get('src'))

  it.each<[what: string, page: string, expected: (string | undefined)[]]>([
    [
      'quotes of both kinds and none',
      `<script src="a"></script><script src='b'></script><script src=c></script>`,
      ['a', 'b', 'c'],
    ],
    ['capitals and spaces', '<SCRIPT\n SRC = "a" ></SCRIPT>', ['a']],
    ['a comment', '<!-- <script src=a></script> --><script src=b></script>', ['b']],
    ['a comment without an end', '<!-- <script src=a></script>', []],
    ['what a script contains', '<script src=a>"<script src=b>"</script><script src=c></script>', ['a', 'c']],
    ['a script without an end', '<script src=a> <script src=b>', ['a']],
    ['text areas and titles', '<title><script src=a></script></title><textarea><script src=b></textarea>', []],
    ['a sign that begins no tag', 'a < b <3 <> </p> <script src=a></script>', ['a']],
    ['a sign of more within a value', '<p title="a > b"><script src="a>b"></script>', ['a>b']],
    ['the first of two', '<script src=a src=b></script>', ['a']],
    ['an odd name', '<script =src src=a></script>', ['a']],
    ['references', '<script src="a?b=1&amp;c=&quot;&#39;"></script>', [`a?b=1&c="'`]],
    ['a value without an end', '<script src="a', ['a']],
    ['a slash at the end', '<script src=a /><script src="b"/>', ['a']],
    ['no source', '<script>1</script>', [undefined]],
  ])('[SE-8] reads %s', (_what, page, expected) => expect(sources(page)).toEqual(expected))

  it('[SE-8] never throws, on any page', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      'script',
      ' ',
      '"',
      "'",
      '=',
      '<!--',
      '-->',
      '/',
      '</',
      'src',
      'title',
      '&amp;',
      'x',
    )
    fc.assert(fc.property(fc.array(pieces), (list) => void sources(list.join(''))))
  })
})

describe('options of auditHeaders', () => {
  it.each<[string, unknown, unknown]>([
    ['target', 'ftp://example.com', {}],
    ['target', 'not a url', {}],
    ['target', 42, {}],
    ['path', 'http://localhost', { path: 'x' }],
    ['preloaded', 'http://localhost', { preloaded: 1 }],
    ['timeout', 'http://localhost', { timeout: 0 }],
    ['behindTls', 'http://localhost', { behindTls: 'yes' }],
    ['url', 'http://localhost', { url: 'x' }],
  ])('[SE-8] refuses a wrong `%s`', async (option, target, options) => {
    const error: unknown = await auditHeaders(target as never, options as never).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ factory: 'auditHeaders', option })
  })
})
