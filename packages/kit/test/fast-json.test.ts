import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, rawHttp, type Listening } from '@hardening/test-utils'
import type { Response as ExpressResponse } from 'express'
import fc from 'fast-check'
import { installFastJson } from '../src/fast-json.js'
import { versions } from './apps.js'

const servers: Listening[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

describe.each(versions)('the fast res.json on %s', (_, express) => {
  type App = ReturnType<typeof express>
  const asItIs = (): void => {}
  type Send = (res: ExpressResponse) => void

  /** The same route on an app as it is and on one with the fast `res.json`. */
  async function both(send: Send, settings: (app: App) => void = () => {}): Promise<[Listening, Listening]> {
    const made = await Promise.all(
      [false, true].map((fast) => {
        const app = express()
        if (fast) installFastJson(app)
        settings(app)
        app.use((_req, res) => send(res))
        return listen(createServer(app))
      }),
    )
    servers.push(...made)
    return made as [Listening, Listening]
  }

  /** Every byte of an answer but the date. */
  async function bytes(server: Listening, head = 'GET / HTTP/1.1'): Promise<string> {
    const reply = await rawHttp(server.url, `${head}\r\nHost: x\r\nConnection: close\r\n\r\n`)
    return reply.text.replace(/Date: [^\r]+/, 'Date: x')
  }

  const ways: [string, Send, ((app: App) => void)?, string?][] = [
    ['an object', (res) => void res.json({ a: 1, b: [true, null, 'ä€😀'] })],
    ['a string', (res) => void res.json('text')],
    ['null', (res) => void res.json(null)],
    ['nothing', (res) => void res.json(undefined)],
    ['an empty array', (res) => void res.json([])],
    ['much', (res) => void res.json('x'.repeat(100_000))],
    ['another status', (res) => void res.status(201).json({})],
    ['204', (res) => void res.status(204).json({})],
    ['205', (res) => void res.status(205).json({})],
    ['304', (res) => void res.status(304).json({})],
    ['a content type of its own', (res) => void res.type('application/problem+json').json({})],
    ['an entity tag of its own', (res) => void res.set('ETag', '"own"').json({})],
    ['other headers', (res) => void res.set({ 'X-A': '1', 'Cache-Control': 'no-store' }).json({})],
    ['a type that its JSON sets', (res) => void res.json({ toJSON: () => (res.type('text'), { a: 1 }) })],
    ['a tag that its JSON sets', (res) => void res.json({ toJSON: () => (res.set('ETag', '"own"'), { a: 1 }) })],
    ['another header that its JSON sets', (res) => void res.json({ toJSON: () => (res.set('X-A', '1'), { a: 1 }) })],
    ['HEAD', (res) => void res.json({ a: 1 }), asItIs, 'HEAD / HTTP/1.1'],
    ['POST', (res) => void res.json({ a: 1 }), asItIs, 'POST / HTTP/1.1'],
    ['HTTP/1.0', (res) => void res.json({ a: 1 }), asItIs, 'GET / HTTP/1.0'],
    [
      'a condition',
      (res) => void res.json({}),
      asItIs,
      'GET / HTTP/1.1\r\nIf-None-Match: W/"2-vyGp6PvFo4RvsFtPoIWeCReyIC8"',
    ],
    ['a condition that fails', (res) => void res.json({}), asItIs, 'GET / HTTP/1.1\r\nIf-None-Match: "other"'],
    [
      'a date as condition',
      (res) => void res.set('Last-Modified', new Date(0).toUTCString()).json({}),
      asItIs,
      `GET / HTTP/1.1\r\nIf-Modified-Since: ${new Date(0).toUTCString()}`,
    ],
    ['chunks that the application wants', (res) => void res.set('Transfer-Encoding', 'chunked').json({})],
    ['a status behind the body', (res) => void (res.json as (...args: unknown[]) => unknown)({ a: 1 }, 201)],
    ['a status before the body', (res) => void (res.json as (...args: unknown[]) => unknown)(201, { a: 1 })],
    [
      'a head that is out',
      (res) => {
        res.write('begun ')
        try {
          res.json({ a: 1 })
        } catch (error) {
          res.end((error as { code: string }).code)
        }
      },
    ],
    [
      'a head that its JSON sends',
      (res) => {
        const toJSON = (): object => {
          res.write('begun ')
          return {}
        }
        try {
          res.json({ toJSON })
        } catch (error) {
          res.end((error as { code: string }).code)
        }
      },
    ],
    ['json spaces', (res) => void res.json({ a: 1 }), (app) => void app.set('json spaces', 2)],
    ['json escape', (res) => void res.json({ a: '<' }), (app) => void app.set('json escape', true)],
    ['json replacer', (res) => void res.json({ a: 1, b: 2 }), (app) => void app.set('json replacer', ['a'])],
    ['strong tags', (res) => void res.json({ a: 1 }), (app) => void app.set('etag', 'strong')],
    ['no tags', (res) => void res.json({ a: 1 }), (app) => void app.disable('etag')],
  ]
  for (const [what, send, settings, head] of ways) {
    it(`[KI-1] sends the same bytes with ${what}`, async () => {
      const [plain, fast] = await both(send, settings)
      expect(await bytes(fast, head)).toBe(await bytes(plain, head))
    })
  }

  it('[KI-1] gives every answer its own tag, also those that come again', async () => {
    let count = 0
    // Alike in length and nearly all characters, so that what tells them apart is not what they are looked up by.
    const texts = [...'abcdefgh'].map((letter) => `${'x'.repeat(50)}${letter}${'y'.repeat(149)}`)
    const [plain, fast] = await both((res) => void res.json({ text: texts[Math.floor(count++ / 2) % texts.length] }))
    for (let round = 0; round < 8; round++) {
      for (let at = 0; at < texts.length; at++) {
        const expected = await bytes(plain)
        expect(await bytes(fast)).toBe(expected)
      }
    }
  })

  it.each([['strong'], [false], [(body: string) => `"${body.length}"`]])(
    '[KI-1] sends the same bytes where tags were %p before',
    async (etag) => {
      const answers = [false, true].map(async (fast) => {
        const app = express().set('etag', etag)
        if (fast) installFastJson(app)
        app.use((_req, res) => void res.json({ a: 1 }))
        const server = await listen(createServer(app))
        servers.push(server)
        return bytes(server)
      })
      const [plain, fast] = await Promise.all(answers)
      expect(fast).toBe(plain)
    },
  )

  it.each<[string, Send]>([
    ['none', asItIs],
    ['Content-Type', (res) => void res.type('application/problem+json')],
    ['ETag', (res) => void res.set('ETag', '"own"')],
    ['Transfer-Encoding', (res) => void res.set('Transfer-Encoding', 'chunked')],
  ])(
    '[KI-1] sets headers by a res.setHeader that somebody has wrapped, beside those that are there: %s',
    async (_what, set) => {
      const [plain, fast] = await both((res) => {
        set(res)
        const { setHeader } = res
        res.setHeader = function (this: ExpressResponse, name: string, value: never) {
          setHeader.call(this, `X-Seen-${name}`, 'yes')
          return setHeader.call(this, name, value)
        } as never
        res.json({ a: 1 })
      })
      const wrapped = await bytes(fast)
      expect(wrapped).toBe(await bytes(plain))
      expect(wrapped).toMatch(/X-Seen-(?:Content-Type|ETag): yes/)
    },
  )

  it('[KI-1] sends the same bytes for any JSON', async () => {
    let value: unknown
    const [plain, fast] = await both((res) => void res.json(value))
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (json) => {
        value = json
        expect(await bytes(fast)).toBe(await bytes(plain))
      }),
      { numRuns: 100 },
    )
  })

  it('[KI-1] throws what Express throws for what is no JSON', async () => {
    const send: Send = (res) => {
      try {
        res.json({ big: 10n })
      } catch (error) {
        res.status(500).end((error as Error).message)
      }
    }
    const [plain, fast] = await both(send)
    expect(await bytes(fast)).toBe(await bytes(plain))
  })

  it('[KI-1] leaves it to a res.send that somebody has wrapped', async () => {
    const [plain, fast] = await both((res) => {
      const { send } = res
      res.send = function (this: ExpressResponse, body: unknown) {
        return send.call(this, `${String(body)} wrapped`)
      } as never
      res.json({ a: 1 })
    })
    const wrapped = await bytes(fast)
    expect(wrapped).toBe(await bytes(plain))
    expect(wrapped).toContain('wrapped')
  })
})
