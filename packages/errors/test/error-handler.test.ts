import { connect } from 'node:net'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { ConfigError, exchangeOf, HttpError, middleware, requestContext, type Exchange } from '@hardening/core'
import { until } from '@hardening/test-utils'
import {
  AuthenticationError,
  ConflictError,
  errorHandler,
  MethodNotAllowedError,
  NotFoundError,
  notFound,
  problemTypes,
  RateLimitError,
  ValidationError,
  type ErrorHandlerOptions,
} from '../src/index.js'
import { ask, closeServers, serve, versions } from './support.js'

afterEach(async () => {
  jest.restoreAllMocks()
  await closeServers()
})

const canary = 'canary-5f2e'

describe.each(versions)('errorHandler on %s', (_, express) => {
  type App = ReturnType<typeof express>

  function appThrowing(error: unknown, options?: ErrorHandlerOptions, before?: (app: App) => void): App {
    const app = express()
    before?.(app)
    app.use((_req, _res, next) => next(error))
    app.use(errorHandler(options))
    return app
  }

  describe('body', () => {
    it('[ER-2] has type, title, status, detail, instance, code, requestId and traceId', async () => {
      const app = appThrowing(new NotFoundError('No order 7.'))
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const { json } = await ask(app, '/orders/7?token=x', { headers: { 'X-Request-Id': 'r-1', traceparent } })
      expect(json).toEqual({
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'No order 7.',
        instance: '/orders/7',
        code: 'ERR_HTTP_NOT_FOUND',
        requestId: 'r-1',
        traceId: '0af7651916cd43dd8448eb211c80319c',
      })
    })

    it('[ER-2] has errors[] with pointers', async () => {
      const errors = [{ detail: 'must be a positive integer', pointer: '#/age', code: 'too_small' }]
      const { json } = await ask(appThrowing(new ValidationError(undefined, { errors })), '/')
      expect(json.errors).toEqual(errors)
    })

    it('[ER-2] keeps its own members from extensions of the same name', async () => {
      const extensions = { status: 200, code: 'x', type: 'y', title: 'z', instance: 'i', requestId: 'q', sku: 's' }
      const { json } = await ask(appThrowing(new HttpError(409, 'Taken.', { extensions })), '/a')
      expect(json).toMatchObject({
        status: 409,
        code: 'ERR_HTTP_CLIENT',
        type: 'about:blank',
        instance: '/a',
        sku: 's',
      })
      expect(json.requestId).not.toBe('q')
    })

    it.each([
      ['//evil.example/x', '/evil.example/x'],
      ['/%E4%BD%A0/a?b#c', '/%E4%BD%A0/a'],
      ['/a"<>\\^`{|}', '/a%22%3C%3E%5C%5E%60%7B%7C%7D'],
      [`/${'a'.repeat(2000)}`, undefined],
    ])('[ER-2] makes the path %s the instance %s', async (path, instance) => {
      const { json } = await ask(appThrowing(new NotFoundError()), path)
      expect(json.instance).toBe(instance)
    })

    it('[ER-2] D3 has the status of the response, whatever the route had set', async () => {
      const app = express()
      app.get('/', (_req, res, next) => {
        res.status(201)
        next(new ConflictError())
      })
      app.use(errorHandler())
      const { status, json } = await ask(app, '/')
      expect([status, json.status]).toEqual([409, 409])
    })
  })

  describe('secrets', () => {
    const secret = Object.assign(new Error(`SELECT * FROM users -- ${canary}`, { cause: new Error(canary) }), {
      code: '42601',
      headers: { 'X-Secret': canary, 'Retry-After': '5' },
      status: 500,
      sql: canary,
      path: `/srv/${canary}`,
      issues: canary,
    })

    it.each(['application/json', 'text/html', 'text/plain'])('[ER-2] D2 stay out of a 5xx as %s', async (Accept) => {
      const { status, text, headers } = await ask(appThrowing(secret), '/', { headers: { Accept } })
      expect(status).toBe(500)
      expect(text).not.toContain(canary)
      expect(text).not.toContain('42601')
      expect(text).not.toContain('.test.')
      expect(JSON.stringify(headers)).not.toContain(canary)
    })

    it('[ER-2] D2 stay out also with NODE_ENV=development', async () => {
      const before = process.env['NODE_ENV']
      process.env['NODE_ENV'] = 'development'
      try {
        const { text } = await ask(appThrowing(secret), '/')
        expect(text).not.toContain(canary)
      } finally {
        process.env['NODE_ENV'] = before
      }
    })

    it('[ER-2] are shown, with causes and stack, where dangerouslyExposeInternal says so', async () => {
      const { json } = await ask(appThrowing(secret, { dangerouslyExposeInternal: true }), '/')
      expect(json.internal).toMatchObject({ message: secret.message, cause: { message: canary } })
      expect(json.internal.stack[0]).toMatch(/^at /)
    })

    it('[ER-2] are shown of what is no error, and of all errors of an AggregateError', async () => {
      const options = { dangerouslyExposeInternal: true }
      const aggregate = new AggregateError([new Error('one'), 'two', Object.create(null)], 'all')
      const { json } = await ask(appThrowing(aggregate, options), '/')
      expect(json.internal).toMatchObject({
        name: 'AggregateError',
        message: 'all',
        errors: [{ message: 'one' }, { name: 'string', message: 'two' }, { name: 'Error', message: '' }],
      })
      const { text } = await ask(appThrowing('thrown', options), '/', { headers: { Accept: 'text/plain' } })
      expect(text).toContain('"message": "thrown"')
    })

    it('[ER-2] are escaped in HTML and bounded where the causes are cyclic', async () => {
      const cyclic = new Error('<script>alert(1)</script>')
      cyclic.cause = cyclic
      const app = appThrowing(cyclic, { dangerouslyExposeInternal: true })
      const { text } = await ask(app, '/', { headers: { Accept: 'text/html' } })
      expect(text).toContain('&lt;script&gt;')
      expect(text).not.toContain('<script>')
    })

    it('[ER-2] do not get out with malformed JSON, which V8 quotes', async () => {
      const app = express()
      app.use(express.json())
      app.use(errorHandler())
      const headers = { 'Content-Type': 'application/json' }
      const { status, json, text } = await ask(app, '/', { method: 'POST', headers, body: `{"a": ${canary}` })
      expect(status).toBe(400)
      expect(json).toMatchObject({ code: 'ERR_HTTP_BODY_MALFORMED', detail: 'The request body is malformed.' })
      expect(text).not.toContain(canary)
    })
  })

  describe('body-parser', () => {
    it.each([
      ['a body that is too large', { 'Content-Type': 'application/json' }, `["${'a'.repeat(200)}"]`, 413],
      ['an unknown charset', { 'Content-Type': 'application/json; charset=x' }, '{}', 415],
      ['an unknown encoding', { 'Content-Type': 'application/json', 'Content-Encoding': 'x' }, '{}', 415],
      ['too many parameters', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a&'.repeat(20), 413],
    ])('[ER-2] answers %s', async (_what, headers, body, status) => {
      const app = express()
      app.use(express.json({ limit: 100 }), express.urlencoded({ extended: true, parameterLimit: 10 }))
      app.use(errorHandler())
      const answer = await ask(app, '/', { method: 'POST', headers: headers, body })
      expect(answer.status).toBe(status)
      expect(answer.json.detail).toMatch(/^The request body|^The charset|^The content encoding/)
    })

    it('[ER-2] answers a param that cannot be decoded with 400', async () => {
      const app = express()
      app.get('/:id', (_req, res) => void res.send('x'))
      app.use(errorHandler())
      const { status, json } = await ask(app, '/%zz')
      expect([status, json.code]).toEqual([400, 'ERR_HTTP_URL_MALFORMED'])
    })

    it('[ER-2] shows no path of a file that sendFile does not find', async () => {
      const app = express()
      app.get('/', (_req, res) => void res.sendFile(`/nowhere/${canary}`))
      app.use(errorHandler())
      const { status, text } = await ask(app, '/')
      expect(status).toBe(404)
      expect(text).not.toContain(canary)
    })
  })

  describe('negotiation', () => {
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
    it.each([
      [undefined, 'application/problem+json'],
      ['*/*', 'application/problem+json'],
      ['', 'application/problem+json'],
      ['application/json', 'application/problem+json'],
      ['application/problem+json', 'application/problem+json'],
      ['application/vnd.api+json', 'application/problem+json'],
      ['application/json, text/plain, */*', 'application/problem+json'],
      ['image/png', 'application/problem+json'],
      ['text/html;q=0, */*;q=0', 'application/problem+json'],
      [';;;q=x,,', 'application/problem+json'],
      [browser, 'text/html; charset=utf-8'],
      ['text/html', 'text/html; charset=utf-8'],
      ['text/html, */*', 'text/html; charset=utf-8'],
      ['text/*', 'text/html; charset=utf-8'],
      ['text/*, text/html;q=0', 'text/plain; charset=utf-8'],
      ['TEXT/PLAIN', 'text/plain; charset=utf-8'],
      ['application/json;q=0.1, text/plain;q=0.5', 'text/plain; charset=utf-8'],
    ])('[ER-2] D4 Accept %s gets %s', async (accept, type) => {
      const server = await serve(appThrowing(new NotFoundError('No <b>order</b>.')))
      for (const _attempt of ['first', 'remembered']) {
        const { status, headers } = await ask(server, '/', accept === undefined ? {} : { headers: { Accept: accept } })
        expect([status, headers['content-type']]).toEqual([404, type])
      }
    })

    it('[ER-2] D4 sends the parts as escaped HTML under a policy that allows nothing', async () => {
      const error = new ValidationError('No <b>"order"</b> & co.', { errors: [{ detail: "it's <i>", pointer: '#/a' }] })
      const { text, headers } = await ask(appThrowing(error), '/', { headers: { Accept: 'text/html' } })
      expect(text).toContain('<h1>400 Bad Request</h1>')
      expect(text).toContain('No &lt;b&gt;&quot;order&quot;&lt;/b&gt; &amp; co.')
      expect(text).toContain('<li>#/a: it&#39;s &lt;i&gt;</li>')
      expect(text).toContain(String(headers['x-request-id']))
      expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'")
    })

    it('[ER-2] D4 leaves a policy that the application has set', async () => {
      const app = appThrowing(new NotFoundError(), {}, (app) =>
        app.use((_req, res, next) => {
          res.setHeader('Content-Security-Policy', "default-src 'self'")
          next()
        }),
      )
      const { headers } = await ask(app, '/', { headers: { Accept: 'text/html' } })
      expect(headers['content-security-policy']).toBe("default-src 'self'")
    })

    it('[ER-2] D4 sends the parts as text', async () => {
      const error = new ValidationError('Wrong.', { errors: [{ detail: 'is wrong', pointer: '#/a' }] })
      const { text } = await ask(appThrowing(error), '/', { headers: { Accept: 'text/plain', 'X-Request-Id': 'r-1' } })
      expect(text).toMatch(
        /^400 Bad Request\nWrong\.\n- #\/a: is wrong\nCode: ERR_HTTP_VALIDATION\nRequest: r-1\nTrace: [0-9a-f]{32}\n$/,
      )
    })

    it('[ER-2] D4 sends JSON alone where formats says so', async () => {
      const { headers } = await ask(appThrowing(new NotFoundError(), { formats: ['json'] }), '/', {
        headers: { Accept: browser },
      })
      expect(headers['content-type']).toBe('application/problem+json')
    })

    it('[ER-2] D4 sends the first of formats to whoever does not mind', async () => {
      const { headers } = await ask(appThrowing(new NotFoundError(), { formats: ['html', 'json'] }), '/')
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
    })

    it("[ER-2] sends the application's own page", async () => {
      const app = appThrowing(new NotFoundError(), { html: ({ status }) => `<p>own ${status}</p>` })
      const { text } = await ask(app, '/', { headers: { Accept: 'text/html' } })
      expect(text).toBe('<p>own 404</p>')
    })

    it('[ER-2] answers HEAD without a body', async () => {
      const { status, text, headers } = await ask(appThrowing(new NotFoundError()), '/', { method: 'HEAD' })
      expect([status, text, headers['content-type']]).toEqual([404, '', 'application/problem+json'])
    })
  })

  describe('headers', () => {
    it('[ER-2] forbids to store, and to guess the type', async () => {
      const app = express()
      app.get('/', (_req, res, next) => {
        res.set('Cache-Control', 'public, max-age=3600')
        next(new Error('x'))
      })
      app.use(errorHandler())
      const { headers } = await ask(app, '/')
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['x-content-type-options']).toBe('nosniff')
    })

    it.each([
      ['Retry-After', new RateLimitError('x', { retryAfter: 29.2 }), '30'],
      ['WWW-Authenticate', new AuthenticationError(), 'Bearer'],
      ['WWW-Authenticate', new AuthenticationError('x', { challenge: 'Basic realm="a"' }), 'Basic realm="a"'],
      ['Allow', new MethodNotAllowedError(['GET', 'HEAD']), 'GET, HEAD'],
      ['Retry-After', Object.assign(new Error('x'), { status: 503, headers: { 'retry-after': 7 } }), '7'],
      [
        'Content-Range',
        Object.assign(new Error('x'), { status: 416, headers: { 'Content-Range': 'bytes */9' } }),
        'bytes */9',
      ],
    ])('[ER-2] sends %s of the error', async (name, error, value) => {
      const { headers } = await ask(appThrowing(error), '/')
      expect(headers[name.toLowerCase()]).toBe(value)
    })

    it('[ER-2] keeps Retry-After, RateLimit, CORS and cookies that are set already', async () => {
      const limit = middleware({
        name: 'limit',
        request(exchange) {
          exchange.setHeader('RateLimit', '"default";r=0;t=30')
          exchange.setHeader('Retry-After', '30')
          exchange.refuse(new HttpError(429, 'Too many requests.', { code: 'ERR_RATELIMIT_EXCEEDED' }))
        },
      })
      const app = express()
      app.use((_req, res, next) => {
        res.set('Access-Control-Allow-Origin', 'https://a.example')
        res.cookie('a', 'b')
        next()
      })
      app.use(limit, errorHandler())
      const { status, headers } = await ask(app, '/')
      expect(status).toBe(429)
      expect(headers).toMatchObject({
        ratelimit: '"default";r=0;t=30',
        'retry-after': '30',
        'access-control-allow-origin': 'https://a.example',
        'set-cookie': ['a=b; Path=/'],
      })
    })

    it('[ER-2] drops what spoke of the answer that was lost', async () => {
      const app = express()
      app.get('/', (_req, res, next) => {
        res.set({
          ETag: '"a"',
          'Content-Length': '5000',
          'Content-Encoding': 'gzip',
          'Content-Disposition': 'attachment',
          'Last-Modified': 'x',
          'Content-Type': 'image/png',
        })
        next(new ConflictError())
      })
      app.use(errorHandler())
      const { status, headers, text } = await ask(app, '/')
      expect(status).toBe(409)
      for (const name of ['etag', 'content-encoding', 'content-disposition', 'last-modified']) {
        expect(headers).not.toHaveProperty(name)
      }
      expect(headers['content-length']).toBe(String(Buffer.byteLength(text)))
    })

    it('[ER-2] leaves out headers of the error that HTTP does not allow, or that frame the message', async () => {
      const headers = { 'X-Bad': 'a\r\nSet-Cookie: b', 'Content-Length': '1', 'Transfer-Encoding': 'x', 'X-Good': 'c' }
      const answer = await ask(appThrowing(new HttpError(400, 'x', { headers })), '/')
      expect(answer.status).toBe(400)
      expect(answer.headers['x-good']).toBe('c')
      expect(answer.headers).not.toHaveProperty('x-bad')
      expect(answer.headers).not.toHaveProperty('set-cookie')
    })

    it('[ER-2] takes the rest of a request body, so that the connection serves the next request', async () => {
      const app = express()
      // A consumer that has begun to read the body and gives up.
      app.use((req, _res, next) => {
        if (req.method === 'GET') return next(new ConflictError())
        req.once('data', () => {
          req.pause()
          next(new ConflictError())
        })
      })
      app.use(errorHandler())
      const server = await serve(app)
      const socket = connect(server.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${'a'.repeat(300_000)}`)
      await until(() => text.includes('"status":409'))
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await until(() => text.split('"status":409').length === 3)
      expect(text.match(/HTTP\/1\.1 409/g)).toHaveLength(2)
      socket.destroy()
    })
  })

  describe('request id', () => {
    it('[ER-2] D7 is the same in body, header, log line and on the exchange', async () => {
      const seen: unknown[] = []
      const app = express()
      app.use(requestContext())
      app.use(middleware({ name: 'log', end: (exchange) => void seen.push(exchange.context.requestId) }))
      app.use((_req, _res, next) => next(new Error('x')))
      app.use(errorHandler({ onError: (_error, exchange) => void seen.push(exchange.context.requestId) }))
      const { headers, json } = await ask(app, '/')
      await until(() => seen.length === 2)
      expect(new Set([...seen, headers['x-request-id'], json.requestId]).size).toBe(1)
    })

    it('[ER-2] D7 is the one that other middleware has put on the response', async () => {
      const app = express()
      app.use((_req, res, next) => {
        res.setHeader('X-Request-Id', 'theirs')
        next(new Error('x'))
      })
      app.use(errorHandler())
      const { headers, json } = await ask(app, '/')
      expect([headers['x-request-id'], json.requestId]).toEqual(['theirs', 'theirs'])
    })
  })

  describe('types', () => {
    const types = problemTypes({
      'https://shop.example/problems/sold': { title: 'Sold out', status: 409, code: 'ERR_SHOP_SOLD' },
    })

    it('[ER-2] come from the registry, with their titles, by the code of the error', async () => {
      const { json } = await ask(appThrowing(new ConflictError('x', { code: 'ERR_SHOP_SOLD' }), { types }), '/')
      expect(json).toMatchObject({ type: 'https://shop.example/problems/sold', title: 'Sold out' })
    })

    it('[ER-2] have their title from the registry where the error names the type itself', async () => {
      const error = new ConflictError('x', { type: 'https://shop.example/problems/sold' })
      expect((await ask(appThrowing(error, { types }), '/')).json.title).toBe('Sold out')
    })

    it('[ER-2] begin with typeBase, unless the error or the registry has one', async () => {
      const options = { types, typeBase: 'https://docs.example/errors/' }
      const { json } = await ask(appThrowing(new NotFoundError(), options), '/')
      expect(json.type).toBe('https://docs.example/errors/ERR_HTTP_NOT_FOUND')
      const own = await ask(appThrowing(new HttpError(400, 'x', { type: 'tag:me', title: 'Mine' }), options), '/')
      expect(own.json).toMatchObject({ type: 'tag:me', title: 'Mine' })
      const known = await ask(appThrowing(new ConflictError('x', { code: 'ERR_SHOP_SOLD' }), options), '/')
      expect(known.json.type).toBe('https://shop.example/problems/sold')
    })
  })

  describe('hooks', () => {
    class Missing extends Error {}

    it("[ER-2] map turns the application's errors into HTTP errors", async () => {
      const map = (error: unknown) => (error instanceof Missing ? new NotFoundError('No such thing.') : undefined)
      const server = await serve(appThrowing(new Missing(), { map }))
      expect((await ask(server, '/')).json).toMatchObject({ status: 404, detail: 'No such thing.' })
      expect((await ask(appThrowing(new Error('x'), { map }), '/')).status).toBe(500)
    })

    it('[ER-2] localise gives title, detail and Content-Language', async () => {
      const localise: ErrorHandlerOptions['localise'] = ({ code }, { req }) =>
        req.headers['accept-language'] === 'de' && code === 'ERR_HTTP_NOT_FOUND'
          ? { title: 'Nicht gefunden', language: 'de' }
          : undefined
      const server = await serve(appThrowing(new NotFoundError('x'), { localise }))
      const german = await ask(server, '/', { headers: { 'Accept-Language': 'de', Accept: 'text/html' } })
      expect(german.text).toContain('<html lang="de">')
      expect(german.text).toContain('404 Nicht gefunden')
      expect(german.headers['content-language']).toBe('de')
      const english = await ask(server, '/')
      expect(english.json.title).toBe('Not Found')
      expect(english.headers).not.toHaveProperty('content-language')
    })

    it('[ER-2] instance replaces the path, or leaves it out', async () => {
      const urn = await ask(appThrowing(new NotFoundError(), { instance: () => 'urn:x:1' }), '/')
      expect(urn.json.instance).toBe('urn:x:1')
      const none = await ask(appThrowing(new NotFoundError(), { instance: () => undefined }), '/')
      expect(none.json).not.toHaveProperty('instance')
    })

    it('[ER-2] onError gets what was thrown, once, with the status that goes out', async () => {
      const calls: unknown[] = []
      const error = new Missing()
      const onError = (...[thrown, exchange]: [unknown, Exchange]) => void calls.push([thrown, exchange.res.statusCode])
      await ask(appThrowing(error, { map: () => new NotFoundError(), onError }), '/')
      expect(calls).toEqual([[error, 404]])
    })

    it('[ER-2] may fail, all of them, and the client has its answer', async () => {
      const fail = (): never => {
        throw new Error(canary)
      }
      jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const hooks = { map: fail, localise: fail, instance: fail, onError: fail, html: fail }
      const server = await serve(appThrowing(new NotFoundError('No order.'), hooks))
      expect((await ask(server, '/')).json).toMatchObject({ status: 404, detail: 'No order.' })
      const page = await ask(server, '/', { headers: { Accept: 'text/html' } })
      expect([page.status, page.text.includes('No order.'), page.text.includes(canary)]).toEqual([404, true, false])
    })

    it('[ER-2] may reject, and nothing is left unhandled', async () => {
      const onError = (async () => Promise.reject(new Error('x'))) as unknown as () => void
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
      const server = await serve(appThrowing(new NotFoundError(), { onError }))
      expect((await ask(server, '/')).status).toBe(404)
      expect((await ask(server, '/')).status).toBe(404)
      await until(() => warn.mock.calls.length > 0)
      expect(warn.mock.calls).toEqual([
        ['errorHandler: `onError` failed (Error); said once', { code: 'HARDENING_ERRORS_HOOK' }],
      ])
    })
  })

  describe('the exchange', () => {
    it('[ER-2] has the error as it was thrown, for access log, metrics and Sentry', async () => {
      const error = new Error('x')
      const ended: Exchange[] = []
      const app = express()
      app.use(middleware({ name: 'log', end: (exchange) => void ended.push(exchange) }))
      app.use((_req, _res, next) => next(error))
      app.use(errorHandler())
      await ask(app, '/')
      await until(() => ended.length === 1)
      expect(ended[0]?.error).toBe(error)
      expect(ended[0]?.status).toBe(500)
    })

    it('[ER-2] is opened where nothing else has', async () => {
      let exchange: unknown
      const app = appThrowing(new Error('x'), { onError: (_error, { res }) => (exchange = exchangeOf(res)) })
      await ask(app, '/')
      expect(exchange).toBeDefined()
    })
  })

  describe('an answer that has begun', () => {
    it('[ER-2] D6 is cut off by ending the connection, with one log line', async () => {
      const lines: unknown[] = []
      const app = express()
      app.get('/', (_req, res, next) => {
        res.writeHead(200, { 'Content-Type': 'text/plain' })
        res.write('half')
        next(new Error('broken'))
      })
      app.use(errorHandler({ onError: (error) => void lines.push((error as Error).message) }))
      await expect(ask(app, '/')).rejects.toThrow(/aborted|hang up/)
      expect(lines).toEqual(['broken'])
    })

    it('[ER-2] D6 is left alone where it was complete before the error', async () => {
      const lines: unknown[] = []
      const app = express()
      app.get('/', (_req, res, next) => {
        res.end('a'.repeat(30_000_000))
        next(new Error('afterwards'))
      })
      app.use(errorHandler({ onError: (error) => void lines.push((error as Error).message) }))
      const { status, text } = await ask(app, '/')
      expect([status, text.length]).toEqual([200, 30_000_000])
      expect(lines).toEqual(['afterwards'])
    })

    it('[ER-2] is not logged twice where its own error, or the abort that it caused, comes after it', async () => {
      const lines: unknown[] = []
      const timeout = new HttpError(503, 'No answer within 30 s', { code: 'ERR_SECURITY_TIMEOUT' })
      const app = express()
      app.use((_req, _res, next) => next(timeout))
      const handle = errorHandler({ onError: (error, exchange) => void lines.push([error, exchange.error]) })
      app.use(handle)
      let answered: Parameters<typeof handle> | undefined
      const server = await serve((req, res) => {
        answered = [timeout, req, res, () => {}]
        app(req as never, res as never)
      })
      expect((await ask(server, '/')).status).toBe(503)
      const [, req, res, next] = answered as NonNullable<typeof answered>
      handle(timeout, req, res, next)
      handle(new DOMException('aborted', 'AbortError'), req, res, next)
      expect(lines).toEqual([[timeout, timeout]])
      const other = new Error('another')
      handle(other, req, res, next)
      expect(lines).toEqual([
        [timeout, timeout],
        [other, timeout],
      ])
    })

    it('[ER-2] is left to onError where that answers', async () => {
      const app = appThrowing(new Error('x'), { onError: (_error, { res }) => void res.end('own answer') })
      expect((await ask(app, '/')).text).toBe('own answer')
    })
  })

  it('[ER-2] writes nothing to a client that has gone, and takes it for no error', async () => {
    const lines: unknown[] = []
    const errors: unknown[] = []
    const app = express()
    app.use((req, _res, next) => {
      req.once('data', () => socket.destroy())
      next()
    })
    app.use(express.json(), (_req, res) => void res.send('never'))
    app.use((error: unknown, _req: unknown, _res: unknown, next: (error: unknown) => void) => {
      errors.push(error)
      next(error)
    })
    app.use(errorHandler({ onError: (error) => void lines.push(error) }))
    const server = await serve(app)
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{')
    socket.on('error', () => {})
    await until(() => errors.length === 1)
    expect(lines).toEqual([])
  })

  it('[ER-2] logs an error of ours also where the client has gone meanwhile', async () => {
    const lines: unknown[] = []
    const app = express()
    app.get('/', (_req, res, next) => {
      res.on('close', () => next(new Error('ours')))
      socket.destroy()
    })
    app.use(errorHandler({ onError: (error) => void lines.push((error as Error).message) }))
    const server = await serve(app)
    const socket = connect(server.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until(() => lines.length === 1)
    expect(lines).toEqual(['ours'])
  })
})

describe('without Express', () => {
  it('[ER-2] errorHandler and notFound serve plain node:http', async () => {
    const missing = notFound()
    const handle = errorHandler()
    const { status, json } = await ask(
      (req, res) => missing(req, res, (error) => handle(error, req, res, () => {})),
      '/a?b',
    )
    expect([status, json.code, json.instance]).toEqual([404, 'ERR_HTTP_NOT_FOUND', '/a'])
  })
})

describe('options of errorHandler', () => {
  it('[ER-2] may be left out or undefined', () => {
    expect(errorHandler().name).toBe('errorHandlerMiddleware')
    expect(errorHandler().length).toBe(4)
    const all = { map: undefined, types: undefined, typeBase: undefined, formats: undefined, onError: undefined }
    expect(() => errorHandler(all as unknown as ErrorHandlerOptions)).not.toThrow()
  })

  it.each([
    ['map', 1],
    ['html', 'x'],
    ['localise', {}],
    ['instance', '/'],
    ['onError', null],
    ['types', {}],
    ['types', null],
    ['typeBase', ''],
    ['typeBase', 'https://a b/'],
    ['formats', []],
    ['formats', ['xml']],
    ['formats', ['json', 'json']],
    ['formats', 'json'],
    ['dangerouslyExposeInternal', 'yes'],
    ['exposeInternal', true],
  ])('[ER-2] refuse %s: %p at creation', (option, value) => {
    let error: unknown
    try {
      errorHandler({ [option]: value })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).option).toBe(option)
  })

  it('[ER-2] of notFound are checked too', () => {
    expect(() => notFound({ methodNotAllowed: 1 as never })).toThrow(ConfigError)
    expect(() => notFound({ x: 1 } as never)).toThrow(ConfigError)
  })
})
