import { describe, expect, it } from '@jest/globals'
import { type } from 'arktype'
import request from 'supertest'
import * as v from 'valibot'
import { z } from 'zod'
import { isHttpError, stepsOf } from '@hardening/core'
import { RequestValidationError, validate, type StandardSchema } from '../../src/index.js'
import { appOf, versions } from '../apps.js'

const positive: StandardSchema<unknown, number> = {
  '~standard': {
    version: 1,
    vendor: 'by hand',
    validate: (value) =>
      typeof value === 'number' && value > 0 ? { value } : { issues: [{ message: 'must be a positive number' }] },
  },
}

const libraries: readonly (readonly [string, StandardSchema<unknown, unknown>])[] = [
  ['Zod 4', z.object({ name: z.string().min(2), age: z.number().int() })],
  ['Valibot', v.object({ name: v.pipe(v.string(), v.minLength(2)), age: v.pipe(v.number(), v.integer()) })],
  ['ArkType', type({ name: 'string >= 2', age: 'number.integer' })],
]

describe.each(versions)('%s', (_name, express) => {
  it.each(libraries)(
    '[VA-1] C8 takes a schema of %s and hands on what it makes of the body',
    async (_library, body) => {
      const app = appOf(express, (app) =>
        app.post('/', express.json(), validate({ body }), (req, res) => void res.json(req.body)),
      )
      const good = await request(app).post('/').send({ name: 'Ada', age: 36 })
      expect(good.body).toEqual({ name: 'Ada', age: 36 })
      const bad = await request(app).post('/').send({ name: 'A', age: 1.5 })
      expect(bad.status).toBe(400)
      expect(bad.body.code).toBe('ERR_VALIDATION_FAILED')
      expect(bad.body.errors.map((error: { pointer: string }) => error.pointer).sort()).toEqual(['#/age', '#/name'])
      expect(bad.body.errors.every((error: { detail: string }) => error.detail.length > 5)).toBe(true)
    },
  )

  it('[VA-1] C8 takes a schema written by hand', async () => {
    const app = appOf(express, (app) =>
      app.post(
        '/',
        express.json({ strict: false }),
        validate({ body: positive }),
        (req, res) => void res.json(req.body + 1),
      ),
    )
    expect((await request(app).post('/').set('content-type', 'application/json').send('41')).body).toBe(42)
    const bad = await request(app).post('/').set('content-type', 'application/json').send('-1')
    expect(bad.body.errors).toEqual([
      { in: 'body', pointer: '#', code: 'invalid', detail: 'must be a positive number' },
    ])
  })

  it('[VA-1] tells every error of every part at once', async () => {
    const check = validate({
      params: z.object({ id: z.coerce.number().int() }),
      query: z.object({ limit: z.coerce.number().max(100) }),
      headers: z.object({ 'x-tenant': z.string() }),
      cookies: z.object({ theme: z.enum(['dark', 'light']) }),
      body: z.strictObject({ items: z.array(z.object({ 'a/b~c': z.number() })) }),
    })
    const app = appOf(express, (app) => app.post('/:id', express.json(), check, (_req, res) => void res.end()))
    const { status, body } = await request(app)
      .post('/x?limit=1000')
      .set('cookie', 'theme=pink')
      .send({ items: [{ 'a/b~c': 1 }, { 'a/b~c': 'two' }], more: 1 })
    expect(status).toBe(400)
    expect(body.errors.map((e: { in: string; pointer: string; code: string }) => [e.in, e.pointer, e.code])).toEqual([
      ['params', '#/id', 'invalid_type'],
      ['query', '#/limit', 'too_big'],
      ['headers', '#/x-tenant', 'required'],
      ['cookies', '#/theme', 'invalid_value'],
      ['body', '#/items/1/a~1b~0c', 'invalid_type'],
      ['body', '#', 'unrecognized_keys'],
    ])
    expect(body.detail).toBe('6 values of the request are not valid.')
  })

  it('[VA-1] C6 shows the validated query through req.query, the same object on every read', async () => {
    const query = z.object({
      limit: z.coerce.number(),
      tags: z.preprocess((x) => String(x).split(','), z.array(z.string())),
    })
    const app = appOf(express, (app) =>
      app.get('/', validate({ query }), (req, res) => {
        const same = req.query === req.query
        ;(req.query as Record<string, unknown>)['added'] = true
        res.json({ same, query: req.query })
      }),
    )
    const { body } = await request(app).get('/?limit=5&tags=a,b&other=1')
    expect(body).toEqual({ same: true, query: { limit: 5, tags: ['a', 'b'], added: true } })
  })

  it.each(['simple', 'extended'])('[VA-1] C6 works with the %s query parser', async (parser) => {
    const nested = z.object({ filter: z.object({ age: z.coerce.number() }) })
    const flat = z.object({ 'filter[age]': z.coerce.number() })
    const app = appOf(express, (app) => {
      app.set('query parser', parser)
      app.get('/', validate({ query: parser === 'simple' ? flat : nested }), (req, res) => void res.json(req.query))
    })
    const { body } = await request(app).get('/?filter[age]=7')
    expect(body).toEqual(parser === 'simple' ? { 'filter[age]': 7 } : { filter: { age: 7 } })
  })

  it.each(['simple', 'extended'])('[VA-1] C7 lets no operator through a string field, %s parser', async (parser) => {
    const app = appOf(express, (app) => {
      app.set('query parser', parser)
      app.get('/', validate({ query: z.strictObject({ user: z.string() }) }), (_req, res) => void res.end())
    })
    expect((await request(app).get('/?user[$ne]=1')).status).toBe(400)
    expect((await request(app).get('/?user=1&$where=1')).status).toBe(400)
    expect((await request(app).get('/?user=1')).status).toBe(200)
  })

  it.each([
    ['nested', '{"a":{"__proto__":{"x":1}}}', '#/a/__proto__'],
    ['in an array', '[{"__proto__":1}]', '#/0/__proto__'],
    ['by the constructor', '{"constructor":{"prototype":{"x":1}}}', '#/constructor'],
    ['flat', '{"a[__proto__][x]":1}', '#/a%5B__proto__%5D%5Bx%5D'],
    ['flat by the constructor', '{"constructor.prototype.x":1}', '#/constructor.prototype.x'],
  ])('[VA-1] C7 refuses a key that leads to a prototype: %s', async (_how, json, pointer) => {
    const app = appOf(express, (app) =>
      app.post('/', express.json(), validate({ body: z.any() }), (_req, res) => void res.end()),
    )
    const { status, body } = await request(app).post('/').set('content-type', 'application/json').send(json)
    expect(status).toBe(400)
    expect(body.errors).toEqual([{ in: 'body', pointer, code: 'forbidden_key', detail: 'must not be used as a key' }])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('[VA-1] C7 lets a key pass that is called constructor and leads nowhere', async () => {
    const app = appOf(express, (app) =>
      app.post('/', express.json(), validate({ body: z.any() }), (req, res) => void res.json(req.body)),
    )
    const { body } = await request(app).post('/').send({ constructor: 'Bob & Sons', prototype: 1 })
    expect(body).toEqual({ constructor: 'Bob & Sons', prototype: 1 })
  })

  it('[VA-1] refuses what is nested too deep or has too many keys before the schema is asked', async () => {
    let asked = 0
    const body = z.any().refine(() => ++asked > 0)
    const app = appOf(express, (app) =>
      app.post('/', express.json(), validate({ body }, { maxDepth: 3, maxKeys: 5 }), (_req, res) => void res.end()),
    )
    const deep = await request(app)
      .post('/')
      .send({ a: { b: { c: { d: 1 } } } })
    expect(deep.body.errors[0]).toMatchObject({ code: 'too_deep', pointer: '#/a/b/c' })
    const wide = await request(app).post('/').send([1, 2, 3, 4, 5, 6])
    expect(wide.body.errors[0]).toMatchObject({ code: 'too_many_keys', pointer: '#' })
    expect(asked).toBe(0)
    expect(
      (
        await request(app)
          .post('/')
          .send({ a: { b: [1, 2] } })
      ).status,
    ).toBe(200)
    expect(asked).toBe(1)
  })

  it('[VA-1] waits for asynchronous schemas, of several parts at once', async () => {
    const free = z.object({ name: z.string().refine(async (name) => name !== 'taken', 'is taken') })
    const app = appOf(express, (app) =>
      app.post('/', express.json(), validate({ body: free, query: free }), (req, res) => void res.json(req.body)),
    )
    const bad = await request(app).post('/?name=taken').send({ name: 'taken' })
    expect(bad.body.errors).toEqual([
      { in: 'query', pointer: '#/name', code: 'custom', detail: 'is taken' },
      { in: 'body', pointer: '#/name', code: 'custom', detail: 'is taken' },
    ])
    expect((await request(app).post('/?name=free').send({ name: 'free' })).body).toEqual({ name: 'free' })
  })

  it('[VA-1] hands a schema that fails by itself to the error handler, also where another part still waits', async () => {
    const schema = (validate: () => Promise<never>): StandardSchema => ({
      '~standard': { version: 1, vendor: 'by hand', validate },
    })
    const broken = schema(() => {
      throw new RangeError('out of order')
    })
    const waits = schema(() => Promise.reject(new Error('later')))
    const app = appOf(express, (app) => {
      app.get('/sync', validate({ query: broken }), (_req, res) => void res.end())
      app.get('/async', validate({ query: waits }), (_req, res) => void res.end())
      app.get('/both', validate({ params: waits, query: broken }), (_req, res) => void res.end())
    })
    expect((await request(app).get('/sync')).body.detail).toBe('out of order')
    expect((await request(app).get('/async')).body.detail).toBe('later')
    expect((await request(app).get('/both')).body.detail).toBe('out of order')
  })

  it('[VA-1] answers 422 on request, and lists no more errors than asked for', async () => {
    const app = appOf(express, (app) =>
      app.post(
        '/',
        express.json(),
        validate({ body: z.array(z.number()) }, { status: 422, maxErrors: 2 }),
        (_req, res) => void res.end(),
      ),
    )
    const { status, body } = await request(app).post('/').send(['a', 'b', 'c', 'd', 'e'])
    expect(status).toBe(422)
    expect(body.errors).toHaveLength(2)
    expect(body.errorsOmitted).toBe(3)
    expect(body.detail).toBe('5 values of the request are not valid.')
  })

  it('[VA-1] in mode check leaves the request as it was', async () => {
    const query = z.object({ n: z.coerce.number() })
    const check = validate({ query }, { mode: 'check' })
    const app = appOf(express, (app) =>
      app.get('/', check, (req, res) => void res.json({ query: req.query, valid: check.valid(req) })),
    )
    expect((await request(app).get('/?n=1&m=2')).body).toEqual({
      query: { n: '1', m: '2' },
      valid: { query: { n: 1 } },
    })
  })

  it('[VA-1] never changes headers, and changes cookies only where a parser has put them', async () => {
    const check = validate({
      headers: z.object({ 'x-n': z.coerce.number() }),
      cookies: z.object({ n: z.coerce.number(), s: z.string() }),
    })
    const app = appOf(express, (app) =>
      app.get(
        '/',
        check,
        (req, res) =>
          void res.json({ header: req.headers['x-n'], cookies: req.cookies ?? null, valid: check.valid(req) }),
      ),
    )
    const { body } = await request(app).get('/').set('x-n', '5').set('cookie', 'n=3; n=4; s="a%20b"; lone; =x')
    expect(body).toEqual({
      header: '5',
      cookies: null,
      valid: { headers: { 'x-n': 5 }, cookies: { n: 3, s: 'a b' } },
    })
  })

  it('[VA-1] is mounted on any number of routes, and what several found comes together in req.valid', async () => {
    const tenant = validate({ headers: z.object({ 'x-tenant': z.string() }) })
    const app = appOf(express, (app) => {
      app.use(tenant)
      for (const path of ['/a', '/b']) {
        app.get(
          path,
          validate({ query: z.object({ q: z.string() }) }),
          (req, res) => void res.json((req as unknown as { valid: unknown }).valid),
        )
      }
    })
    for (const path of ['/a', '/b']) {
      const { body } = await request(app).get(`${path}?q=1`).set('x-tenant', 't')
      expect(body).toEqual({ headers: { 'x-tenant': 't' }, query: { q: '1' } })
    }
  })

  it('[VA-1] says that a body is required where no parser has left one', async () => {
    const app = appOf(express, (app) =>
      app.post('/', validate({ body: z.object({ name: z.string() }) }), (_req, res) => void res.end()),
    )
    const { status, body } = await request(app).post('/')
    expect(status).toBe(400)
    expect(body.errors[0].code).toBe('required')
  })
})

describe('validate', () => {
  it('[VA-1] repeats no value that was sent, whichever library writes the message', async () => {
    for (const body of [
      v.object({ password: v.pipe(v.string(), v.minLength(20)), pin: v.number() }),
      type({ password: /^x+$/, pin: 'number' }),
      z.object({ password: z.string().min(20), pin: z.number() }),
    ] as StandardSchema<unknown, unknown>[]) {
      const app = appOf(versions[1]![1], (app) => app.post('/', versions[1]![1].json(), validate({ body })))
      const { body: answer } = await request(app).post('/').send({ password: 'hunter2', pin: '4711' })
      expect(answer.errors).toHaveLength(2)
      expect(JSON.stringify(answer)).not.toMatch(/hunter2|4711/)
    }
  })

  it('[VA-1] is one step, and its error is an HttpError', () => {
    const check = validate({ query: z.object({}) })
    expect(stepsOf(check).map((step) => step.name)).toEqual(['validate'])
    expect(check.name).toBe('validateMiddleware')
    const error = new RequestValidationError([], { status: 422 })
    expect(isHttpError(error)).toBe(true)
    expect(error).toMatchObject({ code: 'ERR_VALIDATION_FAILED', status: 422, expose: true })
  })

  it('[VA-1] knows when it has not run', () => {
    const check = validate({ query: z.object({}) })
    expect(() => check.valid({} as never)).toThrow(TypeError)
  })

  it.each([
    ['no schema', {}, {}, 'schemas'],
    ['a part that is none', { trailers: z.any() }, {}, 'schemas.trailers'],
    ['something that is no schema', { body: { name: 'string' } }, {}, 'body'],
    ['a class', { body: class {} }, {}, 'body'],
    ['an unknown option', { body: z.any() }, { depth: 3 }, 'depth'],
    ['a mode that is none', { body: z.any() }, { mode: 'rewrite' }, 'mode'],
    ['another status', { body: z.any() }, { status: 418 }, 'status'],
    ['no depth', { body: z.any() }, { maxDepth: 0 }, 'maxDepth'],
    ['a half key', { body: z.any() }, { maxKeys: 1.5 }, 'maxKeys'],
    ['no errors', { body: z.any() }, { maxErrors: 0 }, 'maxErrors'],
  ])('[VA-1] refuses at creation: %s', (_what, schemas, options, option) => {
    expect(() => validate(schemas as never, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
  })

  it('[VA-1] takes undefined for an option that is left out', () => {
    const options = {
      mode: undefined,
      status: undefined,
      maxDepth: undefined,
      maxKeys: undefined,
      maxErrors: undefined,
    }
    expect(() => validate({ body: z.any(), query: undefined } as never, options as never)).not.toThrow()
  })
})
