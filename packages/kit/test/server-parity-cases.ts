import { writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type express5 from 'express'
import type { Express } from 'express'

const ask = (target: string, more = '', method = 'GET'): string =>
  `${method} ${target} HTTP/1.1\r\nHost: a.b.example.com:8080\r\n${more}\r\n`
const last = (target: string, more = '', method = 'GET'): string => ask(target, `Connection: close\r\n${more}`, method)

/** What an application is, and what is asked of it. */
export interface Case {
  /** What Express 4 reads when the first middleware comes. */
  before?(app: Express): void
  build(app: Express): void
  /** What is sent; the last request asks for the end. */
  bytes: string
  server?(server: Server): void
}

const sayOk = (app: Express): void => void app.use((_req, res) => void res.send('ok'))
const sayPlain = (app: Express): void =>
  void app.use((req, res) => void res.send(`plain ${String(req.headers.upgrade)}`))

/**
 * What an application may do with requests and responses, and what may be sent to it, in whatever way Express or Node
 * has a word in.
 *
 * @param folder - has `page.html` in it
 */
export function casesOf(express: typeof express5, folder: string): Record<string, Case> {
  return {
    'settings that routing reads': {
      before: (app) => void app.enable('case sensitive routing').enable('strict routing'),
      build(app) {
        app.get('/Path', (_req, res) => void res.send('ok'))
      },
      bytes: ask('/Path') + ask('/path') + last('/Path/'),
    },
    'settings that requests read': {
      before: (app) => void app.set('query parser', (text: string) => ({ own: text })),
      build(app) {
        app.set('subdomain offset', 1)
        app.set('trust proxy', 2)
        app.use((req, res) => {
          const { query, subdomains, ip, ips, protocol, secure, hostname, xhr, path, originalUrl, fresh } = req
          res.json({ query, subdomains, ip, ips, protocol, secure, hostname, xhr, path, originalUrl, fresh })
        })
      },
      bytes: last(
        '/a/b?c=1&d[e]=2',
        'X-Forwarded-For: 192.0.2.7, 192.0.2.8\r\nX-Forwarded-Proto: https\r\nX-Requested-With: XMLHttpRequest\r\n',
      ),
    },
    'settings that are changed while it serves': {
      build(app) {
        app.get('/set/:name/:value', (req, res) => {
          app.set(req.params.name, req.params.value === 'off' ? false : req.params.value)
          res.json({ a: 1 })
        })
      },
      bytes:
        ask('/set/json%20spaces/x') + ask('/set/etag/off') + ask('/set/etag/strong') + last('/set/x-powered-by/off'),
    },
    'settings of views and callbacks': {
      build(app) {
        app.engine('txt', (_path, options, done) =>
          done(null, `rendered ${JSON.stringify(Object.keys(options).filter((name) => name !== 'cspNonce'))}`),
        )
        writeFileSync(join(folder, 'view.txt'), '')
        app.set('views', folder).set('view engine', 'txt').set('jsonp callback name', 'cb')
        app.locals['fromApp'] = true
        app.get('/view', (_req, res) => {
          res.locals['fromRoute'] = true
          res.render('view')
        })
        app.get('/jsonp', (_req, res) => void res.jsonp({ a: '\u2028<' }))
      },
      bytes: ask('/view') + ask('/jsonp?cb=call') + last('/jsonp'),
    },
    'what requests and responses know of each other': {
      build(app) {
        app.use((req, res) => {
          res.json({
            app: [req.app === app, res.app === app],
            each: [req.res === res, res.req === req],
            next: typeof req.next,
            prototypes: [Object.getPrototypeOf(req) === app.request, Object.getPrototypeOf(res) === app.response],
            names: [req.constructor === app.request.constructor, res.constructor === app.response.constructor],
            keys: [Object.hasOwn(req, 'app'), Object.hasOwn(res, 'req'), 'app' in req],
            handle: [req.listeners('close').length, typeof res.writeHead],
          })
        })
      },
      bytes: last('/'),
    },
    'extensions of requests and responses': {
      build(app) {
        Object.assign(app.request, {
          twice(this: { url: string }) {
            return this.url + this.url
          },
        })
        Object.defineProperty(app.response, 'shout', {
          configurable: true,
          value(this: { send(text: string): void }, text: string) {
            this.send(text.toUpperCase())
          },
        })
        const { json } = app.response
        app.response.json = function (this: typeof app.response, body: unknown) {
          return json.call(this, { wrapped: body })
        } as never
        app.get('/shout', (req, res) =>
          (res as never as { shout(text: string): void }).shout((req as never as { twice(): string }).twice()),
        )
        app.get('/json', (_req, res) => void res.json({ a: 1 }))
      },
      bytes: ask('/shout') + last('/json'),
    },
    'applications in it, with extensions and settings of their own': {
      build(app) {
        Object.assign(app.request, { mark: 'outer' })
        const inner = express()
        const innermost = express()
        Object.assign(inner.request, { mark: 'inner' })
        inner.set('json spaces', 1).enable('etag')
        innermost.disable('etag').set('x-powered-by', false)
        const tell =
          (which: Express) =>
          (req: { mark?: string; app: unknown; baseUrl: string }, res: { json(body: unknown): void; app: unknown }) =>
            res.json({
              mark: req.mark,
              app: [req.app === which, res.app === which],
              base: req.baseUrl,
              path: which.path(),
              isOwn: Object.getPrototypeOf(req) === (which.request as unknown),
            })
        innermost.get('/', tell(innermost) as never)
        innermost.get('/throw', () => {
          throw Object.assign(new Error('innermost'), { status: 418, expose: true })
        })
        inner.get('/', tell(inner) as never)
        inner.use('/most', innermost)
        app.use('/inner', inner)
        app.use(tell(app) as never)
      },
      bytes:
        ask('/inner') +
        ask('/inner/most/') +
        ask('/outer') +
        ask('/inner/most/throw') +
        ask('/inner/none') +
        last('/inner/most/none'),
    },
    'an application in a router': {
      build(app) {
        const router = express.Router()
        const inner = express()
        inner.get('/', (req, res) => void res.json({ base: req.baseUrl, mine: req.app === inner }))
        router.use('/inner', inner)
        router.use((req, res) => void res.json({ after: req.baseUrl, mine: req.app === app }))
        app.use('/router', router)
      },
      bytes: ask('/router/inner') + ask('/router/inner/none') + last('/router/other'),
    },
    'ways to fail': {
      build(app) {
        app.get('/throw', () => {
          throw new Error('thrown')
        })
        app.get('/next', (_req, _res, next) =>
          next(Object.assign(new Error('teapot'), { status: 418, headers: { 'X-Own': 'a' } })),
        )
        app.get('/string', (_req, _res, next) => next('text'))
        app.get('/route', (_req, _res, next) => next('route'))
        app.get('/late', (_req, res, next) => {
          res.write('begun')
          res.destroy()
          next(new Error('late'))
        })
        app.get('/handled', () => {
          throw Object.assign(new Error('mine'), { mine: true })
        })
        app.use(((
          error: { mine?: boolean },
          _req: never,
          res: { status(code: number): { json(body: unknown): void } },
          next: (error: unknown) => void,
        ) => (error.mine ? res.status(422).json({ handled: true }) : next(error))) as never)
      },
      bytes:
        ask('/throw') +
        ask('/next') +
        ask('/string') +
        ask('/route') +
        ask('/handled') +
        ask('/%E0%A4%A') +
        last('/late'),
    },
    'HEAD, OPTIONS, unknown methods and conditions': {
      build(app) {
        app
          .route('/')
          .get((_req, res) => void res.json({ a: 1 }))
          .put((_req, res) => void res.sendStatus(202))
        app.get('/text', (_req, res) => void res.send('text'))
        app.get('/none', (_req, res) => void res.status(204).json({ a: 1 }))
        app.get('/reset', (_req, res) => void res.status(205).json({ a: 1 }))
        app.all('/any', (req, res) => void res.send(req.method))
      },
      bytes:
        ask('/', '', 'HEAD') +
        ask('/text', '', 'HEAD') +
        ask('/', '', 'OPTIONS') +
        ask('/', 'Content-Length: 0\r\n', 'PUT') +
        ask('/any', '', 'PURGE') +
        ask('/', 'If-None-Match: W/"7-YkKiJjQrbBFWdAHnoOFBuCMFRnE"\r\n') +
        ask('/', 'If-None-Match: *\r\n') +
        ask('/text', 'If-None-Match: "other"\r\n') +
        ask('/none') +
        ask('/reset') +
        last('/missing', '', 'HEAD'),
    },
    'files, ranges, redirects, downloads and cookies': {
      build(app) {
        app.use('/static', express.static(folder))
        app.get('/file', (_req, res) => void res.sendFile(join(folder, 'page.html')))
        app.get('/download', (_req, res) => void res.download(join(folder, 'page.html'), 'my page.html'))
        app.get('/away', (_req, res) => void res.redirect(301, '/static/page.html'))
        app.get(
          '/cookie',
          (_req, res) => void res.cookie('a', 'b c', { httpOnly: true }).append('Set-Cookie', 'd=e').send('ok'),
        )
        app.get(
          '/format',
          (_req, res) => void res.format({ text: () => res.send('t'), json: () => res.send({ j: 1 }) }),
        )
      },
      bytes:
        ask('/static/page.html') +
        ask('/file', 'Range: bytes=3-7\r\n') +
        ask('/file', 'Range: bytes=9999-\r\n') +
        ask('/download', '', 'HEAD') +
        ask('/away') +
        ask('/cookie') +
        ask('/format', 'Accept: application/json\r\n') +
        ask('/static/none') +
        last('/format', 'Accept: image/png\r\n'),
    },
    'streams, trailers and early hints': {
      build(app) {
        app.get('/pipe', (_req, res) => void Readable.from(['one', 'two', 'three'.repeat(20_000)]).pipe(res))
        app.get('/parts', (_req, res) => {
          res.setHeader('Trailer', 'X-After')
          res.write('a')
          res.addTrailers({ 'X-After': '1' })
          setImmediate(() => res.end('b'))
        })
        app.get('/hints', (_req, res) => {
          res.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => {
            res.writeProcessing()
            res.json({ a: 1 })
          })
        })
        app.get('/head', (_req, res) => {
          res.writeHead(201, 'Made', ['X-A', '1', 'X-B', '2'])
          res.end('made')
        })
        app.get('/flushed', (_req, res) => {
          res.type('text').flushHeaders()
          res.end('later')
        })
        app.get('/known', (_req, res) => void res.set('Content-Length', '3').end('abc'))
      },
      bytes: ask('/pipe') + ask('/hints') + ask('/head') + ask('/flushed') + ask('/known') + last('/parts'),
    },
    'bodies and requests side by side': {
      build(app) {
        app.use(express.json(), express.text())
        app.post('/', (req, res) => void res.json({ got: req.body as unknown }))
        app.put('/', (req, res) => {
          let size = 0
          req.on('data', (chunk: Buffer) => (size += chunk.length))
          req.on('end', () => res.json({ size }))
        })
        app.get('/slow', (_req, res) => void setTimeout(() => res.send('slow'), 20))
        app.get('/fast', (_req, res) => void res.send('fast'))
      },
      bytes:
        ask('/slow') +
        ask('/fast') +
        ask('/', 'Content-Type: application/json\r\nContent-Length: 7\r\n', 'POST') +
        '{"a":1}' +
        ask('/', 'Content-Type: application/json\r\nContent-Length: 3\r\n', 'POST') +
        '{"a' +
        ask('/', 'Transfer-Encoding: chunked\r\n', 'PUT') +
        '3\r\nabc\r\n0\r\n\r\n' +
        last('/fast'),
    },
    'Expect: 100-continue': {
      build(app) {
        app.use(express.text())
        app.put('/', (req, res) => void res.json({ got: req.body as unknown }))
      },
      bytes: last('/', 'Expect: 100-continue\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n', 'PUT') + 'body',
    },
    'Expect: 100-continue that somebody listens to': {
      build: sayOk,
      bytes: last('/', 'Expect: 100-continue\r\nContent-Length: 4\r\n', 'PUT'),
      server: (server) => void server.on('checkContinue', (_req, res) => void res.writeHead(413).end('no')),
    },
    'an expectation that nobody meets': {
      build: sayOk,
      bytes: last('/', 'Expect: magic\r\nContent-Length: 0\r\n', 'PUT'),
    },
    'requests that are none': {
      build: sayOk,
      bytes: 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nContent-Length: x\r\n\r\n',
    },
    'heads that are too large': {
      build: sayOk,
      bytes: last('/', `X-Long: ${'a'.repeat(20_000)}\r\n`),
    },
    'CONNECT that nobody listens to': {
      build: sayOk,
      bytes: 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n',
    },
    'CONNECT that somebody listens to': {
      build: sayOk,
      bytes: 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\nbytes',
      server: (server) =>
        void server.on('connect', (req, socket, head) => {
          socket.end(`HTTP/1.1 200 Connected\r\n\r\n${String(req.url)} ${head.toString()}`)
        }),
    },
    'an upgrade': {
      build: sayPlain,
      bytes:
        ask('/socket', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n') +
        'frame',
      server: (server) =>
        void server.on('upgrade', (req, socket, head) => {
          socket.end(
            `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${String(req.url)} ${head.toString()}`,
          )
        }),
    },
    'an upgrade that nobody listens to': {
      build: sayPlain,
      bytes: last('/', 'Upgrade: websocket\r\n'),
    },
    'HTTP/1.0': {
      build: (app) => void app.use((_req, res) => void res.json({ a: 1 })),
      bytes: 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n',
    },
  }
}
