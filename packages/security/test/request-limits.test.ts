import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { until } from '@hardening/test-utils'
import fc from 'fast-check'
import { bodyLimits, requestLimits, type BodyLimitsOptions, type RequestLimitsOptions } from '../src/index.js'
import { brokenShape } from '../src/limits/body-shape.js'
import { scanQuery } from '../src/limits/query-scan.js'
import { closeAll, drip, raw, serve, statusOf, threats, versions } from './apps.js'

afterEach(closeAll)

describe.each(versions)('requestLimits on %s', (_, express) => {
  const found = threats()

  function server(options?: RequestLimitsOptions, parser = express.json({ limit: '10mb' })) {
    return serve(express, (app) => {
      app.use(requestLimits(options))
      app.use(parser)
      app.use((req, res) => void res.json({ query: req.query, size: JSON.stringify(req.body ?? null).length }))
    })
  }
  const get = async (path: string, options?: RequestLimitsOptions): Promise<Response> =>
    fetch((await server(options)).url + path)
  const send = async (head: string, body = '', options?: RequestLimitsOptions): Promise<string> =>
    raw((await server(options)).port, `${head.replaceAll('\n', '\r\n')}\r\nHost: a\r\nConnection: close\r\n\r\n${body}`)

  it('[SE-5] refuses a body by its Content-Length, before it has come', async () => {
    const answer = await send('POST / HTTP/1.1\nContent-Type: application/json\nContent-Length: 1048577')
    expect(statusOf(answer)).toBe(413)
    expect(answer).toContain('ERR_SECURITY_BODY_SIZE')
    expect(answer).toMatch(/^connection: close\r$/im)
    expect(found).toMatchObject([{ kind: 'limits', rule: 'body-size', field: 'body' }])
  })

  it('[SE-5] takes a body of exactly the limit', async () => {
    const { url } = await server({ body: 10 })
    const post = (body: string): Promise<Response> =>
      fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
    expect((await post('[1,2,3,45]')).status).toBe(200)
    expect((await post('[1,2,3,456]')).status).toBe(413)
  })

  it('[SE-5] counts a chunked body as it comes in, and stops it with 413', async () => {
    const chunk = `400\r\n${' '.repeat(0x400)}\r\n`
    const head = 'POST / HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked'
    const answer = await send(head, `${chunk.repeat(4)}0\r\n\r\n`, { body: '2kb' })
    expect(statusOf(answer)).toBe(413)
    expect(answer).toContain('application/problem+json')
    expect(answer).toContain('ERR_SECURITY_BODY_SIZE')
    expect(found).toMatchObject([{ kind: 'limits', rule: 'body-size' }])
  })

  it('[SE-5] lets a chunked body within the limit through whole', async () => {
    const head = 'POST / HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked'
    const answer = await send(head, '5\r\n[1,2,\r\n2\r\n3]\r\n0\r\n\r\n', { body: 7 })
    expect(answer).toContain('"size":7')
  })

  it('[SE-5] ends an endless chunked body that nobody reads', async () => {
    const { port } = await serve(express, (app) => {
      app.use(requestLimits({ body: '1kb' }))
      app.use((req) => void req.resume())
    })
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => (answer += String(data)))
    socket.on('error', () => {})
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    drip(socket, `100\r\n${' '.repeat(256)}\r\n`, 1)
    await until(() => socket.destroyed, { what: 'the end of the connection' })
    expect(statusOf(answer)).toBe(413)
  })

  it('[SE-5] has a limit of its own for multipart bodies', async () => {
    const type = 'Content-Type: multipart/form-data; boundary=x'
    const length = 'Content-Length: 2000000'
    const { port } = await serve(express, (app) => {
      app.use(requestLimits())
      app.use((_req, res) => void res.set('Connection', 'close').send('uploading'))
    })
    const ask = (lines: string): Promise<string> => raw(port, `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`)
    expect(statusOf(await ask(`${type}\r\n${length}`))).toBe(200)
    expect(statusOf(await ask(`${type}\r\nContent-Length: 52428801`))).toBe(413)
    expect(statusOf(await ask(length))).toBe(413)
  })

  it('[SE-5] takes the limit of the body from a function', async () => {
    const options: RequestLimitsOptions = { body: ({ path }) => (path === '/big' ? '2mb' : '1b') }
    const post = (path: string): string => `POST ${path} HTTP/1.1\nContent-Type: application/json\nContent-Length: 2`
    expect(statusOf(await send(post('/big'), '{}', options))).toBe(200)
    expect(statusOf(await send(post('/'), '{}', options))).toBe(413)
  })

  it('[SE-5] refuses a URL that is too long with 414', async () => {
    expect((await get(`/${'a'.repeat(8191)}`)).status).toBe(200)
    const res = await get(`/${'a'.repeat(8192)}`)
    expect(res.status).toBe(414)
    expect(await res.json()).toMatchObject({ code: 'ERR_SECURITY_URL_LENGTH' })
  })

  it('[SE-5] refuses too many headers with 431', async () => {
    const lines = (count: number): string => Array.from({ length: count }, (_x, at) => `X-${at}: 1`).join('\n')
    expect(statusOf(await send(`GET / HTTP/1.1\n${lines(98)}`))).toBe(200)
    const answer = await send(`GET / HTTP/1.1\n${lines(99)}`)
    expect(statusOf(answer)).toBe(431)
    expect(answer).toContain('ERR_SECURITY_HEADERS')
  })

  it('[SE-5] refuses headers that are too large with 431', async () => {
    const options: RequestLimitsOptions = { headerSize: '1kb' }
    expect(statusOf(await send(`GET / HTTP/1.1\nX: ${'a'.repeat(900)}`, '', options))).toBe(200)
    expect(statusOf(await send(`GET / HTTP/1.1\nX: ${'a'.repeat(1024)}`, '', options))).toBe(431)
  })

  const many = (count: number): string => Array.from({ length: count }, (_x, at) => `p${at}=1`).join('&')
  it.each<[what: string, query: string, rule: string | null]>([
    ['a query of the length', `a=${'b'.repeat(4094)}`, null],
    ['a longer query', `a=${'b'.repeat(4095)}`, 'query-length'],
    ['100 parameters', many(100), null],
    ['101 parameters', many(101), 'parameter-count'],
    ['101 ampersands', '&'.repeat(101), 'parameter-count'],
    ['five brackets', 'a[b][c][d][e][f]=1', null],
    ['six brackets', 'a[b][c][d][e][f][g]=1', 'parameter-depth'],
    ['six brackets, encoded', 'a%5Bb%5D%5Bc%5D%5Bd%5D%5Be%5D%5Bf%5D%5Bg%5D=1', 'parameter-depth'],
    ['__proto__ in brackets', '__proto__[admin]=1', 'prototype-key'],
    ['__proto__ with a dot', '__proto__.admin=1', 'prototype-key'],
    ['__proto__ within', 'a[__proto__][admin]=1', 'prototype-key'],
    ['__proto__, encoded', '%5F%5Fproto%5f%5f%5Badmin%5D=1', 'prototype-key'],
    ['constructor and prototype', 'x=1&constructor[prototype][admin]=1', 'prototype-key'],
    ['constructor and prototype, dotted', 'constructor.prototype.admin=1', 'prototype-key'],
    ['a firm', 'constructor=acme', null],
    ['other words', 'prototype=1&proto=2', null],
    ['the word as a value', 'q=__proto__', null],
    ['a list without brackets', 'tag=a&tag=b', null],
    ['bytes that are no text', '%E0%A4%A=1', null],
    ['nothing', '', null],
  ])('[SE-5] the query: %s', async (_what, query, rule) => {
    const res = await get(`/?${query}`)
    expect(res.status).toBe(rule === null ? 200 : 400)
    expect(found).toMatchObject(rule === null ? [] : [{ kind: 'limits', rule, field: 'query' }])
    if (rule !== null) expect(await res.json()).toMatchObject({ code: 'ERR_SECURITY_QUERY' })
  })

  it.each<[RequestLimitsOptions, string, unknown]>([
    [{ repeated: 'allow' }, '?a=1&a=2', { a: ['1', '2'] }],
    [{ repeated: 'first' }, '?a=1&a=2&b=3', { a: '1', b: '3' }],
    [{ repeated: 'last' }, '?a=1&a=2&a=3&b=3', { a: '3', b: '3' }],
    [{ repeated: 'last', repeatable: ['tag'] }, '?tag=x&tag=y&a=1&a=2', { tag: ['x', 'y'], a: '2' }],
    [{ repeated: 'refuse', repeatable: ['tag'] }, '?tag=x&tag=y', { tag: ['x', 'y'] }],
    [{ repeated: 'last' }, '?a=1', { a: '1' }],
  ])('[SE-5] with %j gives the application of %s: %j', async (options, query, expected) => {
    expect(await (await get(`/${query}`, options)).json()).toMatchObject({ query: expected })
  })

  it.each(['?a=1&a=2', '?a=1&b=2&%61=3', '?a=1&b&b'])(
    '[SE-5] refuses a repeated parameter on request: %s',
    async (query) => {
      const res = await get(`/${query}`, { repeated: 'refuse' })
      expect(res.status).toBe(400)
      expect(found).toMatchObject([{ rule: 'repeated-parameter' }])
    },
  )

  it.each<[RequestLimitsOptions['repeated'], string, unknown]>([
    ['first', '?a[b]=1&a[b]=2&a[c]=3', { a: { b: '1', c: '3' } }],
    ['last', '?a[b]=1&a%5Bb%5D=2', { a: { b: '2' } }],
    ['last', '?a[b][c]=1&a[b][c]=2&a[b][d][]=3&a[b][d][]=4', { a: { b: { c: '2', d: ['3', '4'] } } }],
    ['first', '?role=user&role[]=admin', { role: 'user' }],
    ['first', '?role[]=admin&role=user', { role: 'admin' }],
    ['first', '?role=user&role[x]=admin', { role: 'user' }],
    ['first', '?list[]=1&list[]=2', { list: ['1', '2'] }],
    ['last', '?list[0]=1&list[1]=2', { list: ['1', '2'] }],
  ])('[SE-5] with a parser of nested names and repeated: %j, %s gives %j', async (repeated, query, expected) => {
    const { url } = await serve(express, (app) => {
      app.set('query parser', 'extended')
      app.use(requestLimits({ repeated: repeated as 'first' })).use((req, res) => void res.json(req.query))
    })
    expect(await (await fetch(`${url}/${query}`)).json()).toEqual(expected)
  })

  it.each(['?a[b]=1&a[b]=2', '?role=user&role[]=admin', '?role[]=admin&role=user', '?role=user&x=1&role%5Bx%5D=admin'])(
    '[SE-5] refuses a parameter that a parser of nested names would make of several: %s',
    async (query) => {
      expect((await get(`/${query}`, { repeated: 'refuse' })).status).toBe(400)
      expect((await get(`/${query}`, { repeated: 'refuse', repeatable: ['role', 'a[b]'] })).status).toBe(200)
    },
  )

  it('[SE-5] takes a[]=1&a[]=2 for the list that it is', async () => {
    expect((await get('/?a[]=1&a[]=2', { repeated: 'refuse' })).status).toBe(200)
  })

  it('[SE-5] the query stays what it was made in mounted apps', async () => {
    const { url } = await serve(express, (app) => {
      const inner = express().use((req, res) => void res.json(req.query))
      app.use(requestLimits({ repeated: 'last' })).use('/inner', inner)
    })
    expect(await (await fetch(`${url}/inner/x?a=1&a=2`)).json()).toEqual({ a: '2' })
  })
})

describe.each(versions)('bodyLimits on %s', (_, express) => {
  const found = threats()

  async function post(body: string, options?: BodyLimitsOptions): Promise<Response> {
    const { url } = await serve(express, (app) => {
      app.use(express.json({ limit: '10mb', strict: false }), bodyLimits(options))
      app.use((req, res) => void res.json(req.body ?? null))
    })
    return fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
  }
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

  it.each<[what: string, body: string, BodyLimitsOptions, rule: string | null]>([
    ['32 levels', nested(32), {}, null],
    ['33 levels', nested(33), {}, 'depth'],
    ['50,000 levels', nested(50_000), { items: 1e6 }, 'depth'],
    ['two keys', '{"a":{"b":1}}', { keys: 2 }, null],
    ['three keys', '{"a":{"b":1},"c":1}', { keys: 2 }, 'keys'],
    ['three items', '[[1,2]]', { items: 3 }, null],
    ['four items', '[[1,2,3]]', { items: 3 }, 'items'],
    ['a key of the length', '{"abc":1}', { keyLength: 3 }, null],
    ['a longer key', '{"abcd":1}', { keyLength: 3 }, 'key-length'],
    ['__proto__', '{"a":[{"__proto__":{"admin":true}}]}', {}, 'prototype-key'],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}', {}, 'prototype-key'],
    ['a firm', '{"constructor":"acme","prototype":1}', {}, null],
    ['a number', '1', {}, null],
    ['null', 'null', {}, null],
  ])('[SE-5] a body with %s', async (_what, body, options, rule) => {
    const res = await post(body, options)
    expect(res.status).toBe(rule === null ? 200 : 400)
    expect(found).toMatchObject(rule === null ? [] : [{ kind: 'limits', rule, field: 'body' }])
    if (rule !== null) expect(await res.json()).toMatchObject({ code: 'ERR_SECURITY_BODY_SHAPE' })
  })

  it('[SE-5] takes keys that aim at a prototype out on request', async () => {
    const body = '{"a":{"__proto__":{"x":1},"b":2},"constructor":{"prototype":1}}'
    const res = await post(body, { removePrototypeKeys: true })
    expect(await res.json()).toEqual({ a: { b: 2 } })
  })

  it('[SE-5] lets a request without a body through, and does not look into bytes', async () => {
    const { url } = await serve(express, (app) => {
      app.use(express.raw({ type: '*/*' }), bodyLimits({ keys: 1 })).use((_req, res) => void res.send('in'))
    })
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(url, { method: 'POST', body: 'abcdef' })).status).toBe(200)
  })
})

describe('limits on any input', () => {
  it('[SE-5] a look at a query never throws', () => {
    const limits = { parameters: 10, depth: 3 }
    fc.assert(fc.property(fc.string(), (query) => void scanQuery(query, limits)))
  })

  it('[SE-5] names repeated exactly as URLSearchParams counts them', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c d', 'é', 'x+y', 'list[]'), { maxLength: 12 })
    fc.assert(
      fc.property(names, (list) => {
        const query = new URLSearchParams(list.map((name) => [name, '1'] as [string, string])).toString()
        const expected = list.filter((name, at) => list.indexOf(name) < at && !name.endsWith('[]'))
        expect(scanQuery(query, { parameters: 100, depth: 5 }).repeated).toEqual(expected)
      }),
    )
  })

  it('[SE-5] a look at a body never throws, and lets through exactly what is within the limits', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const rule = brokenShape(value, { depth: 3, keys: 1e6, items: 1e6, keyLength: 1e6 }, true)
        expect(rule === 'depth').toBe(depthOf(value) > 3)
      }),
    )
  })
})

describe('options of the limits', () => {
  it.each<[string, unknown]>([
    ['body', { body: 'large' }],
    ['body', { body: -1 }],
    ['multipart', { multipart: null }],
    ['urlLength', { urlLength: 0 }],
    ['queryLength', { queryLength: 1.5 }],
    ['queryParameters', { queryParameters: '100' }],
    ['queryDepth', { queryDepth: -1 }],
    ['repeated', { repeated: 'merge' }],
    ['repeatable', { repeatable: 'tag' }],
    ['headerCount', { headerCount: NaN }],
    ['headerSize', { headerSize: 0 }],
    ['limit', { limit: '1mb' }],
  ])('[SE-5] requestLimits refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      requestLimits(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'requestLimits', option })
    }
  })

  it.each<[string, unknown]>([
    ['depth', { depth: 0 }],
    ['keys', { keys: '1' }],
    ['items', { items: -1 }],
    ['keyLength', { keyLength: Infinity }],
    ['removePrototypeKeys', { removePrototypeKeys: 1 }],
    ['size', { size: 1 }],
  ])('[SE-5] bodyLimits refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      bodyLimits(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'bodyLimits', option })
    }
  })

  it('[SE-5] undefined means omitted', () => {
    expect(() => requestLimits({ body: undefined as never, headerSize: undefined as never })).not.toThrow()
    expect(() => bodyLimits({ depth: undefined as never })).not.toThrow()
  })
})
