import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { HttpError } from '@hardening/core'
import { z } from 'zod'
import * as client from '../src/client.js'
import {
  errorHandler,
  fromProblem,
  HttpProblem,
  members,
  NotFoundError,
  problemResponse,
  problemSchema,
  problemTypes,
  readProblem,
  ServiceUnavailableError,
  toPointer,
  toProblem,
  ValidationError,
  type Problem,
} from '../src/index.js'
import { closeServers, schemaErrors, serve, versions } from './support.js'

afterEach(closeServers)

const outOfStock = 'https://shop.example/problems/out-of-stock'
const locked = 'https://shop.example/problems/locked'
const types = problemTypes({
  [outOfStock]: {
    title: 'Out of stock',
    status: 409,
    code: 'ERR_SHOP_OUT_OF_STOCK',
    members: members<{ sku: string; left: number }>(),
  },
  [locked]: { title: 'Locked', status: 423, code: 'ERR_SHOP_LOCKED', members: z.object({ by: z.string() }) },
})

const outOfStockError = new HttpProblem(409, 'Only 2 left.', {
  code: 'ERR_SHOP_OUT_OF_STOCK',
  extensions: { sku: 'a-1', left: 2 },
})

describe('toProblem and fromProblem', () => {
  it.each([
    ['an error of a registered type', outOfStockError],
    ['a validation error', new ValidationError('Wrong.', { errors: [{ detail: 'no', pointer: '#/a' }] })],
    ['an internal error', new Error('secret')],
    ['a string', 'secret'],
  ])('[ER-4] D8 round-trip %s', (_what, error) => {
    const problem = toProblem(error, { types, instance: '/orders/1', requestId: 'r-1', traceId: 'a'.repeat(32) })
    const parsed = fromProblem(JSON.parse(JSON.stringify(problem)))
    expect(parsed).toEqual(problem)
    expect(JSON.stringify(parsed)).not.toContain('secret')
    expect(schemaErrors(problem)).toEqual([])
  })

  it('[ER-4] D8 narrow by type', () => {
    const problem = fromProblem(toProblem(outOfStockError, { types }), { types })
    if (problem?.type !== outOfStock) throw new Error('not narrowed')
    const left: number = problem.left
    const sku: string = problem.sku
    // @ts-expect-error left is a number
    const wrong: string = problem.left
    expect([left, sku, wrong]).toEqual([2, 'a-1', 2])
  })

  it('[ER-4] D8 narrow no problem of another type', () => {
    const problem = fromProblem(toProblem(new NotFoundError(), { types }), { types })
    expect(problem?.type).toBe('about:blank')
    // @ts-expect-error not known before it is narrowed
    const left: number = problem!.left
    expect(left).toBeUndefined()
  })

  it('[ER-4] D8 take a type for unknown whose promised members are not there', () => {
    const good = { type: locked, title: 'Locked', status: 423, code: 'ERR_SHOP_LOCKED', by: 'Ann' }
    expect(fromProblem(good, { types })?.type).toBe(locked)
    const broken = { type: 'about:blank', unknownType: locked, status: 423 }
    expect(fromProblem({ ...good, by: 7 }, { types })).toMatchObject(broken)
    const other = fromProblem({ type: 'urn:other', status: 400 }, { types })
    if (other?.type !== 'about:blank') throw new Error('not narrowed')
    expect([other.unknownType, other.status]).toEqual(['urn:other', 400])
  })

  it('[ER-4] toProblem maps, exposes and describes as errorHandler does', () => {
    const problem = toProblem(new Error('secret'), {
      map: () => new ServiceUnavailableError('secret'),
      typeBase: 'https://docs.example/',
    })
    expect(problem).toEqual({
      type: 'https://docs.example/ERR_HTTP_SERVICE_UNAVAILABLE',
      title: 'Service Unavailable',
      status: 503,
      detail: 'The service is not available at the moment.',
      code: 'ERR_HTTP_SERVICE_UNAVAILABLE',
    })
    expect(toProblem(new Error('shown'), { dangerouslyExposeInternal: true })['internal']).toMatchObject({
      message: 'shown',
    })
  })

  it('[ER-4] toProblem never throws and gives plain JSON data', () => {
    const hostile = Object.defineProperty(new HttpError(404, 'x'), 'extensions', {
      get() {
        throw new Error('x')
      },
    })
    const map = (): never => {
      throw new Error('x')
    }
    expect(toProblem(hostile, { map })).toMatchObject({ status: 500, code: 'ERR_HTTP_INTERNAL' })
    const big = new HttpError(404, 'x', { extensions: { big: 1n, at: new Date(0) } })
    expect(toProblem(big)).toMatchObject({ status: 404, at: '1970-01-01T00:00:00.000Z' })
    expect(toProblem(big)).not.toHaveProperty('big')
  })
})

describe('fromProblem', () => {
  it.each([[undefined], [null], ['x'], [7], [[]]])('[ER-4] gives nothing for %p', (json) => {
    expect(fromProblem(json)).toBeUndefined()
  })

  it('[ER-4] gives missing members the value of the standard, and takes the status of the response', () => {
    expect(fromProblem({})).toEqual({ type: 'about:blank', title: '', status: 500, code: '' })
    expect(fromProblem({ status: 200 }, { status: 404 })?.status).toBe(404)
    expect(fromProblem({ status: 404 })?.status).toBe(404)
  })

  it('[ER-4] leaves out members of the wrong type (RFC 9457 section 3.1)', () => {
    const wrong = {
      type: 1,
      title: {},
      status: '404',
      detail: 2,
      instance: [],
      requestId: 3,
      traceId: null,
      code: 4,
      errors: 'x',
    }
    expect(fromProblem(wrong)).toEqual({ type: 'about:blank', title: '', status: 500, code: '' })
    expect(fromProblem({ errors: [{ detail: 'a' }, 'x', null, { detail: 1 }] })?.errors).toEqual([{ detail: 'a' }])
  })

  it('[ER-4] keeps extension members', () => {
    expect(fromProblem({ balance: 30, accounts: ['/a'] })).toMatchObject({ balance: 30, accounts: ['/a'] })
  })

  it('[ER-4] resolves a relative type against the URL of the response', () => {
    const url = 'https://api.example/v1/orders'
    expect(fromProblem({ type: '/problems/a' }, { url })?.type).toBe('https://api.example/problems/a')
    expect(fromProblem({ type: 'about:blank' }, { url })?.type).toBe('about:blank')
    expect(fromProblem({ type: 'https://shop.example' }, { url })?.type).toBe('https://shop.example')
    expect(fromProblem({ type: 'a' }, { url: 'not a url' })?.type).toBe('a')
  })

  it('[ER-4] survives a schema that throws or waits', () => {
    const throwing = problemTypes({
      'urn:a': {
        title: 'A',
        status: 400,
        members: {
          '~standard': {
            version: 1,
            vendor: 'x',
            validate: () => {
              throw new Error('x')
            },
          },
        },
      },
      'urn:b': {
        title: 'B',
        status: 400,
        members: { '~standard': { version: 1, vendor: 'x', validate: async () => ({ issues: [] }) } },
      },
    })
    expect(fromProblem({ type: 'urn:a' }, { types: throwing })?.type).toBe('about:blank')
    expect(fromProblem({ type: 'urn:b' }, { types: throwing })?.type).toBe('urn:b')
    expect(fromProblem({ type: 'constructor' }, { types: throwing })?.type).toBe('about:blank')
  })
})

describe.each(versions)('readProblem on an answer of %s', (_, express) => {
  it('[ER-4] D8 reads what the error handler has sent', async () => {
    const app = express()
    app.get('/sold', () => {
      throw outOfStockError
    })
    app.get('/page', (_req, res) => void res.send('<p>page'))
    app.get('/cut', (_req, res) => void res.status(500).type('application/problem+json').send('{"type":'))
    app.use(errorHandler({ types }))
    const { url } = await serve(app)
    const problem = await readProblem(await fetch(`${url}/sold`), types)
    if (problem?.type !== outOfStock) throw new Error('not narrowed')
    expect([problem.left, problem.status, problem.title]).toEqual([2, 409, 'Out of stock'])
    expect(await readProblem(await fetch(`${url}/page`))).toBeUndefined()
    expect(await readProblem(await fetch(`${url}/cut`))).toBeUndefined()
  })
})

describe('problemTypes', () => {
  it('[ER-4] refuses types that cannot be', () => {
    expect(() => problemTypes({ a: { title: 'A', status: 200 } })).toThrow(TypeError)
    expect(() => problemTypes({ a: { title: '', status: 400 } })).toThrow(TypeError)
    expect(() => problemTypes({ 'about:blank': { title: 'A', status: 400 } })).toThrow(TypeError)
    const twice = { title: 'A', status: 400, code: 'ERR_A' }
    expect(() => problemTypes({ a: twice, b: twice })).toThrow('two types have the code ERR_A')
  })

  it('[ER-4] finds the type of a code', () => {
    expect(types.typeOf('ERR_SHOP_LOCKED')).toBe(locked)
    expect(types.typeOf('constructor')).toBeUndefined()
  })
})

describe('problemSchema', () => {
  const problem: Problem = { type: 'about:blank', title: 'Not Found', status: 404, code: 'ERR_HTTP_NOT_FOUND' }

  it('[ER-4] D10 takes a problem and its extensions', () => {
    expect(schemaErrors({ ...problem, left: 2 })).toEqual([])
  })

  it.each([
    ['type', 'a b'],
    ['title', ''],
    ['status', 200],
    ['status', '404'],
    ['code', ''],
    ['code', undefined],
    ['traceId', 'x'],
    ['errors', [{ pointer: '#/a' }]],
    ['errors', [{ detail: 'x', pointer: 'a' }]],
  ])('[ER-4] D10 refuses %s: %p', (member, value) => {
    expect(schemaErrors(JSON.parse(JSON.stringify({ ...problem, [member]: value })))).not.toEqual([])
  })

  it('[ER-4] makes an OpenAPI response', () => {
    expect(problemResponse('Not found')).toEqual({
      description: 'Not found',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    })
    expect(problemResponse('x', problemSchema).content['application/problem+json']?.schema).toBe(problemSchema)
  })
})

describe('the client entry', () => {
  it('[ER-4] gives what clients need, and loads nothing of Node', () => {
    expect(Object.keys(client).sort()).toEqual([
      'fromProblem',
      'members',
      'problemMediaType',
      'problemResponse',
      'problemSchema',
      'problemTypes',
      'readProblem',
      'toPointer',
    ])
    const files = new Set<string>()
    const walk = (file: string): void => {
      if (files.has(file)) return
      files.add(file)
      const source = readFileSync(file, 'utf8')
      for (const [, specifier = ''] of source.matchAll(/^(?:import|export) (?!type).*from '(.*)'$/gm)) {
        expect(specifier).toMatch(/^\.\.?\//)
        walk(join(dirname(file), specifier.replace(/\.js$/, '.ts')))
      }
    }
    walk(join(__dirname, '../src/client.ts'))
    expect(files.size).toBeGreaterThan(3)
  })
})

describe('toPointer', () => {
  it.each([
    [[], '#'],
    [['items', 0, 'price'], '#/items/0/price'],
    [['a/b', 'c~d', 'e f', '%', 'ü'], '#/a~1b/c~0d/e%20f/%25/%C3%BC'],
    [['\ud800'], '#/%EF%BF%BD'],
    [[''], '#/'],
  ])('[ER-4] makes %p the fragment %s (RFC 6901 section 6)', (path, pointer) => {
    expect(toPointer(path)).toBe(pointer)
  })
})
