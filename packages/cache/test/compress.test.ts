import { randomBytes } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, until, type Listening } from '@hardening/test-utils'
import { KeptBodies } from '../src/http/kept-bodies.js'
import { cacheControl, compress, conditional, type CompressOptions } from '../src/index.js'
import { versions, type Express } from './apps.js'

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

let server: Listening | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { port } = server as Listening
  return new Promise((resolve, reject) => {
    const req = httpRequest({ port, path, method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks) }))
      res.on('error', reject)
    })
    req.on('error', reject)
    req.end()
  })
}

const text = 'the same words again and again, '.repeat(200)
const br = { 'accept-encoding': 'gzip, deflate, br' }
const unpack = (answer: Answer): string =>
  (answer.headers['content-encoding'] === 'br' ? brotliDecompressSync : gunzipSync)(answer.body).toString()

describe.each(versions)('%s', (_name, express: Express) => {
  async function serve(routes: (app: ReturnType<Express>) => void, options?: CompressOptions): Promise<void> {
    const app = express()
    app.use(compress(options))
    routes(app)
    server = await listen(app)
  }
  const one = (set: (res: import('express').Response) => void = () => undefined) =>
    serve((app) => {
      app.get('/', (_req, res) => {
        res.type('text')
        set(res)
        res.send(text)
      })
    })

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['identity, gzip;q=0.5', undefined],
    ['deflate', undefined],
    ['', undefined],
    ['br;q=nonsense', undefined],
  ])('[CA-6] Accept-Encoding %p is answered with %p', async (accept, expected) => {
    await serve((app) => app.get('/', (_req, res) => void res.type('text').send(text)), { encodings: ['br', 'gzip'] })
    const answer = await ask('/', { 'accept-encoding': accept })
    expect(answer.headers['content-encoding']).toBe(expected)
    expect(expected === undefined ? answer.body.toString() : unpack(answer)).toBe(text)
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    expect(answer.headers['vary']).toMatch(/accept-encoding/i)
  })

  it('[CA-6] a body under 1 KB goes out as it is, one of 1 KB does not', async () => {
    await serve((app) => app.get('/:n', (req, res) => void res.type('text').send('a'.repeat(Number(req.params['n'])))))
    expect((await ask('/1023', br)).headers['content-encoding']).toBeUndefined()
    expect((await ask('/1024', br)).headers['content-encoding']).toBe('br')
  })

  it.each(['image/png', 'video/mp4', 'application/zip', 'font/woff2', 'application/octet-stream'])(
    '[CA-6] %s goes out as it is',
    async (type) => {
      await one((res) => void res.set('Content-Type', type))
      const answer = await ask('/', br)
      expect(answer.headers['content-encoding']).toBeUndefined()
      expect(answer.headers['vary']).toBeUndefined()
    },
  )

  it('[CA-6] no-transform, a coding of its own, and a range are left alone', async () => {
    await serve((app) => {
      app.get(
        '/no-transform',
        (_req, res) => void res.set('Cache-Control', 'max-age=5, no-transform').type('text').send(text),
      )
      app.get('/own', (_req, res) => void res.set('Content-Encoding', 'identity').type('text').send(text))
      app.get('/range', (_req, res) => void res.status(206).set('Content-Range', 'bytes 0-1/2').type('text').send(text))
    })
    expect((await ask('/no-transform', br)).body.toString()).toBe(text)
    expect((await ask('/own', br)).headers['content-encoding']).toBe('identity')
    expect((await ask('/range', br)).headers['content-encoding']).toBeUndefined()
  })

  it('[CA-6] a response that sets a cookie, and one to another site with credentials, are left alone (BREACH)', async () => {
    await one()
    const encodingFor = async (headers: Record<string, string>): Promise<unknown> =>
      (await ask('/', { ...br, ...headers })).headers['content-encoding']
    expect(await encodingFor({ cookie: 'a=1' })).toBe('br')
    expect(await encodingFor({ cookie: 'a=1', 'sec-fetch-site': 'same-origin' })).toBe('br')
    expect(await encodingFor({ cookie: 'a=1', 'sec-fetch-site': 'cross-site' })).toBeUndefined()
    expect(await encodingFor({ authorization: 'Basic x', referer: 'https://evil.example/page' })).toBeUndefined()
    expect(await encodingFor({ 'sec-fetch-site': 'cross-site' })).toBe('br')
    await server?.close()
    await one((res) => void res.set('Set-Cookie', 'session=1'))
    expect(await encodingFor({})).toBeUndefined()
  })

  it('[CA-6] a strong tag becomes weak, a weak one stays, and a 304 names the same one', async () => {
    await one((res) => void res.set('ETag', '"abc"'))
    expect((await ask('/', br)).headers['etag']).toBe('W/"abc"')
    expect((await ask('/', {})).headers['etag']).toBe('"abc"')
    const again = await ask('/', { ...br, 'if-none-match': 'W/"abc"' })
    expect(again).toMatchObject({
      status: 304,
      headers: { etag: 'W/"abc"', vary: expect.stringMatching(/accept-encoding/i) },
    })
    expect(again.body).toHaveLength(0)
  })

  it('[CA-6] HEAD has the head of GET, without a length that would be wrong', async () => {
    await one()
    const [get, head] = [await ask('/', br), await ask('/', br, 'HEAD')]
    expect(head.body).toHaveLength(0)
    for (const name of ['content-encoding', 'content-type', 'etag', 'vary'])
      expect(head.headers[name]).toBe(get.headers[name])
    expect(head.headers['content-length']).toBeUndefined()
  })

  it('[CA-6] streams are compressed as they come, and flush sends what there is', async () => {
    let finish!: () => void
    await serve((app) =>
      app.get('/', (_req, res) => {
        res.type('text')
        res.write(text)
        ;(res as unknown as { flush(): void }).flush()
        finish = () => res.end('the end')
      }),
    )
    const { port } = server as Listening
    const received: Buffer[] = []
    const done = new Promise<IncomingMessage>((resolve) => {
      httpRequest({ port, headers: { 'accept-encoding': 'gzip' }, agent: false }, (res) => {
        res.on('data', (chunk: Buffer) => received.push(chunk))
        res.on('end', () => resolve(res))
      }).end()
    })
    await until(() => Buffer.concat(received).length > 20)
    finish()
    expect((await done).headers).toMatchObject({ 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' })
    expect(gunzipSync(Buffer.concat(received)).toString()).toBe(`${text}the end`)
  })

  it('[CA-6] server-sent events are sent at once', async () => {
    let push!: (line: string) => void
    await serve((app) =>
      app.get('/', (_req, res) => {
        res.writeHead(200, { 'Content-Type': 'text/event-stream' })
        push = (line) => void res.write(line)
        push('data: 1\n\n')
      }),
    )
    const { port } = server as Listening
    const received: Buffer[] = []
    const req = httpRequest({ port, headers: { 'accept-encoding': 'br' }, agent: false }, (res) =>
      res.on('data', (chunk: Buffer) => received.push(chunk)),
    )
    req.on('error', () => undefined)
    req.end()
    await until(() => received.length > 0)
    const count = received.length
    push('data: 2\n\n')
    await until(() => received.length > count)
    expect(received.length).toBeGreaterThan(count)
    req.destroy()
  })

  it('[CA-6] large bodies come whole, when they come a third time from what was kept', async () => {
    const large = `${randomBytes(100_000).toString('hex')}${text.repeat(50)}`
    await serve((app) => app.get('/', (_req, res) => void res.type('text').send(large)))
    for (const known of [false, false, true]) {
      const answer = await ask('/', br)
      expect(unpack(answer)).toBe(large)
      expect(answer.headers['content-length']).toBe(known ? String(answer.body.length) : undefined)
    }
  })

  it.each([100, 100_000])(
    '[CA-6] bodies of one tag and length are never taken for each other (%d more)',
    async (more) => {
      let at = 0
      await serve((app) =>
        app.get('/', (_req, res) => {
          const body = `${text}${String.fromCharCode(97 + (at++ % 3)).repeat(more)}`
          res.type('text').set('ETag', '"v1"')
          if (at % 2 === 0) res.send(body)
          else res.end(body)
        }),
      )
      for (let time = 0; time < 12; time++) {
        const letter = String.fromCharCode(97 + (time % 3))
        expect(unpack(await ask('/', br)) === `${text}${letter.repeat(more)}`).toBe(true)
      }
    },
  )

  it('[CA-6] what is kept does not change with the bytes that were given', async () => {
    const bytes = Buffer.from(text)
    await serve((app) =>
      app.get('/', (_req, res) => {
        res.type('text').set('ETag', '"same"').end(bytes)
      }),
    )
    for (let time = 0; time < 3; time++) expect(unpack(await ask('/', br))).toBe(text)
    bytes.fill('x')
    expect(unpack(await ask('/', br))).toBe('x'.repeat(text.length))
    bytes.write(text)
    expect(unpack(await ask('/', br))).toBe(text)
  })

  it('[CA-6] text in another encoding goes out in that encoding, also again', async () => {
    const accented = 'déjà vu '.repeat(300)
    await serve((app) =>
      app.get('/:encoding', (req, res) => {
        res.type('text').end(accented, req.params['encoding'] as BufferEncoding)
      }),
    )
    for (let time = 0; time < 3; time++) {
      for (const encoding of ['latin1', 'utf8'] as const) {
        const { body } = await ask(`/${encoding}`, br)
        expect(brotliDecompressSync(body).toString(encoding)).toBe(accented)
      }
    }
  })

  it('[CA-6] a body without a tag is found again as well, and none is kept where nothing may be', async () => {
    for (const keep of ['16mb', 0] as const) {
      await serve((app) => app.get('/', (_req, res) => void res.type('text').end(text)), { keep })
      for (let time = 0; time < 3; time++) expect(unpack(await ask('/', br))).toBe(text)
      await server?.close()
    }
  })

  it('[CA-6] a stream much larger than the buffers comes whole through back pressure', async () => {
    const chunk = randomBytes(32_000).toString('base64')
    await serve((app) =>
      app.get('/', (_req, res) => {
        res.type('text')
        let left = 200
        const more = (): void => {
          while (left > 0) {
            left--
            if (!res.write(chunk)) return void res.once('drain', more)
          }
          res.end()
        }
        more()
      }),
    )
    expect(unpack(await ask('/', { 'accept-encoding': 'gzip' }))).toHaveLength(chunk.length * 200)
  })

  it('[CA-6] an aborted client frees its stream', async () => {
    let closed = false
    await serve((app) =>
      app.get('/', (_req, res) => {
        res.type('text')
        res.write(text)
        res.on('close', () => (closed = true))
      }),
    )
    const { port } = server as Listening
    const before = process.getActiveResourcesInfo().filter((name) => /zlib/i.test(name)).length
    const req = httpRequest({ port, headers: br, agent: false }, () => req.destroy())
    req.on('error', () => undefined)
    req.end()
    ;(req as unknown as { on(name: string, run: () => void): void }).on('response', () => undefined)
    await until(() => closed)
    expect(closed).toBe(true)
    await until(() => process.getActiveResourcesInfo().filter((name) => /zlib/i.test(name)).length <= before)
  })

  it('[CA-6] cacheControl sets what was asked for, unless the route or an error says otherwise', async () => {
    const app = express()
    app.use(cacheControl({ scope: 'public', maxAge: '1h', sharedMaxAge: '2h', staleIfError: '1d', immutable: true }))
    app.get('/', (_req, res) => void res.send('x'))
    app.get('/own', (_req, res) => void res.set('Cache-Control', 'no-cache').send('x'))
    app.get('/cookie', (_req, res) => void res.cookie('a', '1').send('x'))
    app.get('/error', (_req, res) => void res.status(500).send('x'))
    server = await listen(app)
    expect((await ask('/')).headers['cache-control']).toBe(
      'public, max-age=3600, s-maxage=7200, stale-if-error=86400, immutable',
    )
    expect((await ask('/own')).headers['cache-control']).toBe('no-cache')
    expect((await ask('/cookie')).headers['cache-control']).toBe(
      'private, max-age=3600, stale-if-error=86400, immutable',
    )
    expect((await ask('/error')).headers['cache-control']).toBe('no-store')
  })

  it('[CA-6] conditional tags what has no tag and answers 304', async () => {
    const app = express()
    app.use(compress(), conditional())
    app.get('/', (_req, res) => void res.setHeader('Content-Type', 'text/plain').end(text))
    app.get('/dated', (_req, res) => void res.setHeader('Last-Modified', 'Sat, 01 Jan 2022 00:00:00 GMT').end('x'))
    server = await listen(app)
    const tag = String((await ask('/')).headers['etag'])
    expect(tag).toMatch(/^"[\w-]{27}"$/)
    expect(await ask('/', { 'if-none-match': tag })).toMatchObject({ status: 304, headers: { etag: tag } })
    const packed = String((await ask('/', br)).headers['etag'])
    expect(packed).toBe(`W/${tag}`)
    expect((await ask('/', { ...br, 'if-none-match': packed })).status).toBe(304)
    expect((await ask('/', { 'if-none-match': '"other"' })).status).toBe(200)
    expect((await ask('/dated', { 'if-modified-since': 'Sat, 01 Jan 2022 00:00:00 GMT' })).status).toBe(304)
    expect((await ask('/dated', { 'if-modified-since': 'Fri, 31 Dec 2021 00:00:00 GMT' })).status).toBe(200)
  })
})

describe('options', () => {
  it.each([
    [() => compress({ threshold: -1 }), 'threshold'],
    [() => compress({ encodings: ['lzma'] as never }), 'encodings'],
    [() => compress({ treshold: 1 } as never), 'treshold'],
    [() => cacheControl({ maxAge: 'soon' as never }), 'maxAge'],
    [() => cacheControl({ scope: 'all' as never }), 'scope'],
    [() => cacheControl({ scope: 'no-store', maxAge: 5 }), 'scope'],
    [() => cacheControl({ sharedMaxAge: '1h' }), 'sharedMaxAge'],
    [() => conditional({ weak: 'yes' as never }), 'weak'],
  ])('[CA-6] %s is refused at creation', (make, option) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
  })
})

describe('kept bodies', () => {
  const compressed = (size = 10): Buffer => Buffer.alloc(size, 'c')
  const keepAll = (kept: KeptBodies, body: string, size?: number): void => {
    const { key } = kept.look(body, 'br', undefined)
    kept.keep(body, key, compressed(size))
  }

  it('[CA-6] are those that come a second time among the last thousand or two', () => {
    const kept = new KeptBodies(1_000_000)
    const { key } = kept.look('a', 'br', undefined)
    expect(kept.admits('a', key)).toBe(false)
    expect(kept.admits('a', key)).toBe(true)
    for (let at = 0; at < 2100; at++) expect(kept.admits(`${at}`, `${at}`)).toBe(false)
    expect(kept.admits('a', key)).toBe(false)
  })

  it('[CA-6] take no more bytes than they may, those that were made of them included', () => {
    const kept = new KeptBodies(10_000)
    for (let at = 0; at < 100; at++) keepAll(kept, `${at} ${'x'.repeat(1000)}`, 500)
    const known = Array.from({ length: 100 }, (_, at) => kept.look(`${at} ${'x'.repeat(1000)}`, 'br', undefined))
    const left = known.filter((found) => found.compressed !== undefined).length
    expect(left).toBeGreaterThanOrEqual(4)
    expect(left).toBeLessThanOrEqual(6)
    keepAll(kept, 'y'.repeat(20_000))
    expect(kept.look('y'.repeat(20_000), 'br', undefined).compressed).toBeUndefined()
  })

  it('[CA-6] are found by coding, and as text or as bytes, whatever else has their tag', () => {
    const kept = new KeptBodies(1_000_000)
    const look = (body: string | Uint8Array, encoding: 'br' | 'gzip' = 'br') => kept.look(body, encoding, '"t"')
    kept.keep('one', look('one').key, compressed())
    expect(look('one').compressed).toEqual(compressed())
    expect(look('two').compressed).toBeUndefined()
    expect(look('one', 'gzip').compressed).toBeUndefined()
    expect(look(Buffer.from('one')).compressed).toBeUndefined()
    kept.keep(Buffer.from('two'), look('two').key, compressed())
    expect(look(Buffer.from('two')).compressed).toEqual(compressed())
    expect(look('one').compressed).toBeUndefined()
  })
})
