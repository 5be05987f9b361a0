import { createServer, ServerResponse, type IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, type Listening } from '@hardening/test-utils'
import type { Response as ExpressResponse } from 'express'
import {
  compileHead,
  ConfigError,
  fuse,
  keptHeaders,
  middleware,
  readyHeader,
  setReadyHeaders,
  type Step,
} from '../src/index.js'
import { canWriteBlock } from '../src/head/response-hooks.js'
import { versions } from './apps.js'

let server: Listening | undefined
afterEach(() => server?.close())

const fixed: Step = {
  name: 'fixed',
  headers: [
    ['X-Fixed', 'fixed'],
    ['Referrer-Policy', 'no-referrer'],
  ],
  request(exchange) {
    exchange.setHeader('X-Own', 'own')
    exchange.vary('Origin')
  },
}

it('[CO-7] the self-test of the header block passes on this Node', () => expect(canWriteBlock()).toBe(true))

it('[CO-7] the self-test of where headers are kept passes on this Node', () => {
  const res = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as IncomingMessage)
  const kept = keptHeaders(res)
  res.setHeader('X-Set', '1')
  expect(kept).toEqual({ 'x-set': ['X-Set', '1'] })
})

it.each([
  ['X Bad', 'x', 'ERR_INVALID_HTTP_TOKEN'],
  ['X-Bad', 'a\r\nb', 'ERR_INVALID_CHAR'],
])('[CO-7] a header that could split a response is never made ready: %j %j', (name, value, code) => {
  expect(() => readyHeader(name, value)).toThrow(expect.objectContaining({ code }))
})

it('[CO-7] headers that are ready come too late once the head is out', async () => {
  let error: unknown
  server = await listen((_req, res) => {
    res.write('x')
    try {
      setReadyHeaders(res, [readyHeader('X-Late', '1')])
    } catch (thrown) {
      error = thrown
    }
    res.end()
  })
  await (await fetch(server.url)).text()
  expect(error).toMatchObject({ code: 'ERR_HTTP_HEADERS_SENT' })
})

/** What is set before the toolkit is asked is not seen by it: Express sets `X-Powered-By`. */
const kinds = versions.flatMap(([version, express]) => [
  [version, () => express()] as const,
  [`${version} without X-Powered-By`, () => express().disable('x-powered-by')] as const,
])

describe.each(kinds)('headers of the toolkit on %s', (kind, makeApp) => {
  async function answer(route: (res: ExpressResponse) => void, step: Step = fixed): Promise<Headers> {
    const app = makeApp()
    app.use(middleware(step))
    app.get('/', (req, res) => route(res))
    await server?.close()
    server = await listen(app)
    const res = await fetch(server.url)
    await res.arrayBuffer()
    return res.headers
  }

  it.each<[string, (res: ExpressResponse) => void]>([
    ['json', (res) => void res.json({})],
    ['send', (res) => void res.send('x')],
    ['end', (res) => void res.end()],
    [
      'write',
      (res) => {
        res.write('x')
        res.end()
      },
    ],
    ['writeHead without headers', (res) => void res.writeHead(200).end()],
    ['writeHead with headers', (res) => void res.writeHead(200, { 'X-App': '1' }).end()],
    ['writeHead with a list', (res) => void res.writeHead(200, ['X-App', '1']).end()],
    [
      'flushHeaders',
      (res) => {
        res.flushHeaders()
        res.end()
      },
    ],
    [
      'early hints',
      (res) => {
        res.writeEarlyHints({ link: '</x>; rel=preload' })
        res.end()
      },
    ],
    ['redirect', (res) => void res.status(200).location('/x').end()],
  ])('[CO-7] go out with %s', async (_what, route) => {
    const headers = await answer(route)
    expect(headers.get('x-fixed')).toBe('fixed')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-own')).toBe('own')
    expect(headers.get('vary')).toBe('Origin')
  })

  it.each<[string, (res: ExpressResponse) => void]>([
    ['setHeader', (res) => void res.setHeader('x-fixed', 'app').setHeader('X-OWN', 'app').end()],
    ['set', (res) => void res.set({ 'X-Fixed': 'app', 'X-Own': 'app' }).end()],
    ['writeHead', (res) => void res.writeHead(200, { 'x-fixed': 'app', 'X-Own': 'app' }).end()],
    ['a list', (res) => void res.writeHead(200, ['X-Fixed', 'app', 'x-own', 'app']).end()],
    [
      'setHeaders',
      (res) =>
        void res
          .setHeaders(
            new Map([
              ['x-Fixed', 'app'],
              ['X-own', 'app'],
            ]),
          )
          .end(),
    ],
    ['setHeader and an object', (res) => void res.setHeader('X-Fixed', 'app').writeHead(200, { 'x-own': 'app' }).end()],
  ])('[CO-7] never stand beside one that the app gave with %s', async (_what, route) => {
    const headers = await answer(route)
    expect([headers.get('x-fixed'), headers.get('x-own')]).toEqual(['app', 'app'])
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('[CO-7] never overwrite what the app has set before', async () => {
    const app = makeApp()
    app.use((req, res, next) => {
      res.setHeader('X-Fixed', 'first').setHeader('X-Own', 'first')
      next()
    })
    app.use(middleware(fixed))
    app.get('/', (req, res) => void res.end())
    server = await listen(app)
    const { headers } = await fetch(server.url)
    expect([headers.get('x-fixed'), headers.get('x-own')]).toEqual(['first', 'first'])
  })

  it('[CO-7] are not repeated where the app adds to one of them', async () => {
    const headers = await answer((res) => void res.appendHeader('X-Own', 'app').appendHeader('X-New', 'app').end())
    expect(headers.get('x-own')).toBe('own, app')
    expect(headers.get('x-new')).toBe('app')
  })

  it('[CO-7] never stand beside one that the app gave, the first time that a step sets them too', async () => {
    const name = `X-Late-${kind.replaceAll(' ', '-')}`
    const late: Step = { name: 'late', head: (exchange) => exchange.setHeader(name, 'step') }
    const headers = await answer((res) => void res.setHeader(name, 'app').end(), late)
    expect(headers.get(name)).toBe('app')
  })

  it('[CO-7] never stand beside one that was made ready', async () => {
    const ready = [readyHeader('X-Own', 'app'), readyHeader('X-List', ['a', 'b'])]
    const headers = await answer((res) => {
      setReadyHeaders(res, ready)
      res.appendHeader('X-List', 'c').end()
    })
    expect([headers.get('x-own'), headers.get('x-list'), headers.get('x-fixed')]).toEqual(['app', 'a, b, c', 'fixed'])
    expect(ready[1]?.value).toEqual(['a', 'b'])
  })

  it('[CO-7] can be read, listed and removed by the app as if set', async () => {
    let seen: unknown
    const headers = await answer((res) => {
      seen = [
        res.getHeader('x-fixed'),
        res.get('X-Own'),
        res.hasHeader('Referrer-Policy'),
        { ...res.getHeaders() },
        res.getHeaderNames().includes('x-own'),
        (res as unknown as { getRawHeaderNames(): string[] }).getRawHeaderNames().includes('X-Fixed'),
      ]
      res.removeHeader('X-Fixed')
      res.removeHeader('x-own')
      res.end()
    })
    expect(seen).toMatchObject([
      'fixed',
      'own',
      true,
      { 'x-fixed': 'fixed', 'x-own': 'own', vary: 'Origin' },
      true,
      true,
    ])
    expect([headers.get('x-fixed'), headers.get('x-own')]).toEqual([null, null])
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('[CO-7] made ready together can be overwritten, removed and set again like any other', async () => {
    const ready = compileHead('test', [
      ['X-Ready', 'ready'],
      ['X-Fixed', 'ready'],
    ])
    const step: Step = {
      ...fixed,
      request(exchange) {
        exchange.removeHeader('X-Fixed')
        exchange.setHeaders(ready)
        exchange.setHeader('X-Own', 'own')
      },
    }
    const seen: unknown[] = []
    const headers = await answer((res) => {
      seen.push(res.getHeader('X-Ready'), res.getHeader('x-fixed'), res.getHeaderNames().includes('x-ready'))
      res.removeHeader('X-Ready')
      res.setHeader('X-Fixed', 'mine')
      res.send('ok')
    }, step)
    expect(seen).toEqual(['ready', 'ready', true])
    expect([headers.get('x-ready'), headers.get('x-fixed'), headers.get('x-own')]).toEqual([null, 'mine', 'own'])
    expect((await answer((res) => void res.send('ok'), step)).get('x-ready')).toBe('ready')
  })

  it('[CO-7] joins the fields of Vary in the order in which they came, each once', async () => {
    const varying = (...fields: string[]): Step => ({
      name: 'varying',
      request: (exchange) => fields.forEach((field) => exchange.vary(field)),
    })
    for (const fields of [['A', 'B'], ['B', 'A'], ['A', 'B', 'A'], ['A'], ['A', 'C', 'B']]) {
      const headers = await answer((res) => void res.send('ok'), varying(...fields))
      expect(headers.get('vary')).toBe([...new Set(fields)].join(', '))
    }
  })

  it('[CO-7] can be set again after removal', async () => {
    const headers = await answer((res) => {
      res.removeHeader('X-Fixed')
      res.setHeader('X-Fixed', 'again').end()
    })
    expect(headers.get('x-fixed')).toBe('again')
  })

  it('[CO-7] can be appended to', async () => {
    const headers = await answer((res) => void res.append('X-Own', 'more').end())
    expect(headers.get('x-own')).toBe('own, more')
  })

  it.each<[string, string, (res: ExpressResponse) => void]>([
    ['sets Vary', 'Accept-Encoding, Origin', (res) => void res.set('Vary', 'Accept-Encoding').end()],
    ['adds to Vary', 'Origin, Accept', (res) => void res.vary('Accept').end()],
    ['sets it to the same', 'origin', (res) => void res.set('Vary', 'origin').end()],
    ['varies on everything', '*', (res) => void res.set('Vary', '*').end()],
    ['gives it to writeHead', 'Accept, Origin', (res) => void res.writeHead(200, { Vary: 'Accept' }).end()],
  ])('[CO-7] keep their Vary where the app %s', async (_what, vary, route) => {
    const headers = await answer(route)
    expect((headers.get('vary') ?? '').split(', ').sort()).toEqual(vary.split(', ').sort())
  })

  it.each<[string, Step]>([
    ['always', { name: 'always', headers: [['Vary', 'Origin']] }],
    ['for this response', { name: 'once', request: (exchange) => exchange.setHeader('Vary', 'Origin') }],
  ])('[CO-7] leave Vary to the app where a step sets it %s', async (_what, step) => {
    expect((await answer((res) => void res.send('x'), step)).get('vary')).toBe('Origin')
    await server?.close()
    expect((await answer((res) => void res.set('Vary', 'Accept').send('x'), step)).get('vary')).toBe('Accept')
    await server?.close()
    expect((await answer((res) => void res.vary('Accept').send('x'), step)).get('vary')).toBe('Origin, Accept')
  })

  it('[CO-7] stand in the answers of errors and of nothing found', async () => {
    const app = makeApp()
    app.use(middleware(fixed))
    app.get('/error', () => {
      throw Object.assign(new Error('x'), { status: 400 })
    })
    app.set('env', 'test')
    server = await listen(app)
    for (const path of ['/error', '/nothing']) {
      const { headers } = await fetch(server.url + path)
      expect([headers.get('x-fixed'), headers.get('x-own')]).toEqual(['fixed', 'own'])
    }
  })

  it('[CO-7] let a step see and change the head before it goes out, whoever writes it', async () => {
    const late: Step = {
      name: 'late',
      head(exchange) {
        exchange.setHeader('X-Late', String(exchange.res.statusCode) + String(exchange.res.getHeader('x-app')))
        exchange.res.removeHeader('X-Secret')
      },
    }
    const route = (res: ExpressResponse): void => void res.writeHead(201, { 'X-App': '1', 'X-Secret': 's' }).end()
    const headers = await answer(route, late)
    expect([headers.get('x-late'), headers.get('x-secret')]).toEqual(['2011', null])
  })

  it('[CO-7] of two passes are merged, the later winning', async () => {
    const app = makeApp()
    app.use(middleware(fixed))
    app.use(
      middleware({
        name: 'second',
        headers: [
          ['X-Fixed', 'second'],
          ['X-Second', '2'],
        ],
      }),
    )
    app.get('/', (req, res) => void res.end())
    server = await listen(app)
    for (let round = 0; round < 2; round++) {
      const { headers } = await fetch(server.url)
      expect([headers.get('x-fixed'), headers.get('x-second'), headers.get('x-own')]).toEqual(['second', '2', 'own'])
    }
  })

  it('[CO-7] give way to what a step sets for one response', async () => {
    const step: Step = {
      ...fixed,
      request: (exchange) => void (exchange.path === '/own' && exchange.setHeader('x-fixed', 'this one')),
    }
    const app = makeApp()
    app.use(middleware(step))
    app.get(/./, (req, res) => void res.send('x'))
    server = await listen(app)
    const found = []
    for (const path of ['/', '/own', '/']) found.push((await fetch(server.url + path)).headers.get('x-fixed'))
    expect(found).toEqual(['fixed', 'this one', 'fixed'])
  })

  it('[CO-7] that were taken off are back where a later pass has them', async () => {
    const app = makeApp()
    const has = (value: string): Step => ({ name: value, headers: [['X-Fixed', value]] })
    app.use(middleware(has('first')))
    app.use((_req, res, next) => {
      res.removeHeader('X-Fixed')
      next()
    })
    app.get('/back', middleware(has('second')))
    app.get(/./, (_req, res) => void res.send('x'))
    server = await listen(app)
    const found = []
    for (const path of ['/', '/back']) found.push((await fetch(server.url + path)).headers.get('x-fixed'))
    expect(found).toEqual([null, 'second'])
  })

  it('[CO-7] never stand twice', async () => {
    const app = makeApp()
    app.use(middleware(fixed), middleware(fixed))
    app.get('/', (req, res) => void res.send('x'))
    server = await listen(app)
    const { headers } = await fetch(server.url)
    expect([headers.get('x-fixed'), headers.get('x-own'), headers.get('vary')]).toEqual(['fixed', 'own', 'Origin'])
  })

  it('[CO-7] do not change once the head is out', async () => {
    const app = makeApp()
    let error: unknown
    app.get('/', (req, res, next) => {
      res.write('x')
      next()
    })
    app.use(middleware(fixed))
    app.use((req, res) => {
      error = undefined
      res.end()
    })
    server = await listen(app)
    const res = await fetch(server.url)
    expect(await res.text()).toBe('x')
    expect(res.headers.get('x-fixed')).toBeNull()
    expect(error).toBeUndefined()
  })

  it('[CO-7] refuse a value that would split the response', async () => {
    const app = makeApp()
    let error: unknown
    app.use(middleware({ name: 'bad', request: (exchange) => exchange.setHeader('X-Own', 'a\r\nX-Evil: 1') }))
    app.use(((caught, req, res, _next) => {
      error = caught
      res.status(500).end()
    }) as import('express').ErrorRequestHandler)
    server = await listen(app)
    const { headers } = await fetch(server.url)
    expect(error).toMatchObject({ code: 'ERR_INVALID_CHAR' })
    expect(headers.get('x-evil')).toBeNull()
  })
})

describe('headers of the toolkit', () => {
  it('[CO-7] are set one by one where the response is not Express', async () => {
    const run = fuse([fixed])
    server = await listen(createServer((req, res) => run(req, res, () => res.end('x'))))
    const { headers } = await fetch(server.url)
    expect([headers.get('x-fixed'), headers.get('x-own'), headers.get('vary')]).toEqual(['fixed', 'own', 'Origin'])
  })

  it.each([[[['Bad Name', 'x']]], [[['X-Bad', 'a\nb']]], [[['Content-Length', '1']]]])(
    '[CO-7] that cannot stand in a response are refused at creation: %p',
    (headers) => {
      expect(() => middleware({ name: 'f', headers: headers as never })).toThrow(ConfigError)
    },
  )
})
