import { createHash } from 'node:crypto'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { HttpError } from '@hardening/core'
import multer from 'multer'
import * as valibot from 'valibot'
import { z } from 'zod'
import * as z3 from 'zod/v3'
import { asyncHandler, ConflictError, errorHandler, ServiceError, ValidationError } from '../src/index.js'
import { ask, closeServers, versions } from './support.js'

afterEach(closeServers)

const canary = createHash('sha256').update('canary').digest('hex').slice(0, 20)

function make(message: string, members: object): Error {
  return Object.assign(new Error(message), members)
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function anotherCopy(): { HttpError: typeof HttpError } {
  let copy: unknown
  jest.isolateModules(() => {
    copy = jest.requireActual('@hardening/core')
  })
  return copy as { HttpError: typeof HttpError }
}

const Foreign = anotherCopy().HttpError

const cyclic = new Error(canary)
cyclic.cause = cyclic

const hostile = new Proxy(new Error(canary), {
  get() {
    throw new Error(canary)
  },
  has() {
    throw new Error(canary)
  },
  ownKeys() {
    throw new Error(canary)
  },
  getPrototypeOf() {
    throw new Error(canary)
  },
})

const revoked = Proxy.revocable({}, {})
revoked.revoke()

const throwing = Object.defineProperties(new Error(canary), {
  status: {
    get() {
      throw new Error(canary)
    },
  },
  message: {
    get() {
      throw new Error(canary)
    },
  },
})

const stubborn = Object.defineProperty(new HttpError(404, canary), 'headers', {
  get() {
    throw new Error(canary)
  },
})

const invalidInput = { status: 400, code: 'ERR_HTTP_VALIDATION', detail: 'The request is not valid.' }
const internal = {
  status: 500,
  title: 'Internal Server Error',
  detail: 'The server could not complete the request.',
  code: 'ERR_HTTP_INTERNAL',
}
const badGateway = { status: 502, title: 'Bad Gateway', code: 'ERR_HTTP_SERVICE' }
const late = { status: 504, title: 'Gateway Timeout', code: 'ERR_HTTP_TIMEOUT' }
const badToken = { status: 401, code: 'ERR_HTTP_AUTHENTICATION', detail: 'The token is not valid.' }

/** D1: what is thrown, and the members of the answer that it has to give. */
const table: [what: string, thrown: () => unknown, expected: Record<string, unknown>][] = [
  ['an Error', () => new Error(canary), internal],
  ['a string', () => canary, internal],
  ['a number', () => 404, internal],
  ['true', () => true, internal],
  ['a symbol', () => Symbol(canary), internal],
  ['a big integer', () => 10n, internal],
  ['null', () => null, internal],
  ['undefined', () => undefined, internal],
  ['a plain object', () => ({ message: canary }), internal],
  ['an array', () => [canary], internal],
  ['a function', () => () => canary, internal],
  ['an object without a prototype', () => Object.create(null), internal],
  ["the word 'route'", () => 'route', internal],
  ["the word 'router'", () => 'router', internal],
  ['a frozen error', () => Object.freeze(new Error(canary)), internal],
  ['a cyclic cause', () => cyclic, internal],
  ['getters that throw', () => throwing, internal],
  ['a proxy that throws', () => hostile, internal],
  ['a revoked proxy', () => revoked.proxy, internal],
  ['an HttpError whose getter throws', () => stubborn, internal],
  ['an AggregateError', () => new AggregateError([new Error(canary)], canary), internal],
  ['status 99999', () => make(canary, { status: 99_999 }), internal],
  ['status 200', () => make(canary, { status: 200 }), internal],
  ['status 404.5', () => make(canary, { status: 404.5 }), internal],
  ["status '404'", () => make(canary, { status: '404' }), internal],
  [
    'status 404',
    () => make('No order 7', { status: 404 }),
    { status: 404, title: 'Not Found', detail: 'No order 7', code: 'ERR_HTTP_NOT_FOUND' },
  ],
  [
    'statusCode 410',
    () => make('Gone for good', { statusCode: 410 }),
    { status: 410, title: 'Gone', detail: 'Gone for good', code: 'ERR_HTTP_CLIENT' },
  ],
  [
    'status 409 and a code',
    () => make('Sold', { status: 409, code: 'OUT_OF_STOCK' }),
    { status: 409, detail: 'Sold', code: 'OUT_OF_STOCK' },
  ],
  [
    'status 400, not exposed',
    () => make(canary, { status: 400, expose: false }),
    { status: 400, title: 'Bad Request', detail: undefined, code: 'ERR_HTTP_BAD_REQUEST' },
  ],
  [
    'status 503, exposed',
    () => make(canary, { status: 503, expose: true }),
    { status: 503, detail: 'The service is not available at the moment.', code: 'ERR_HTTP_SERVICE_UNAVAILABLE' },
  ],
  [
    'a file that is not there',
    () => make(`ENOENT: ${canary}`, { status: 404, code: 'ENOENT', syscall: 'stat', path: canary }),
    { status: 404, detail: undefined, code: 'ERR_HTTP_NOT_FOUND' },
  ],
  [
    'boom',
    () => make('No order 7', { isBoom: true, output: { statusCode: 404, headers: {} } }),
    { status: 404, detail: 'No order 7' },
  ],
  [
    'URIError',
    () => thrownBy(() => decodeURIComponent('%')),
    { status: 400, code: 'ERR_HTTP_URL_MALFORMED', detail: 'The URL is malformed.' },
  ],
  ['ECONNREFUSED', () => make(canary, { code: 'ECONNREFUSED' }), badGateway],
  ['ENOTFOUND', () => make(canary, { code: 'ENOTFOUND', hostname: canary }), badGateway],
  [
    'a fetch whose cause is ECONNRESET',
    () => new TypeError('fetch failed', { cause: make(canary, { code: 'ECONNRESET' }) }),
    badGateway,
  ],
  [
    'a fetch that came too late',
    () => new TypeError('fetch failed', { cause: make(canary, { code: 'UND_ERR_HEADERS_TIMEOUT' }) }),
    late,
  ],
  ['ETIMEDOUT', () => make(canary, { code: 'ETIMEDOUT' }), late],
  ['AbortError', () => thrownBy(() => AbortSignal.abort().throwIfAborted()), late],
  ['TimeoutError', () => new DOMException(canary, 'TimeoutError'), late],
  [
    "axios's answer from elsewhere",
    () => make(canary, { isAxiosError: true, status: 401, response: { status: 401 } }),
    badGateway,
  ],
  ["axios's time-out", () => make(canary, { isAxiosError: true, code: 'ECONNABORTED' }), { status: 504 }],
  ['an AWS error', () => make(canary, { $metadata: { httpStatusCode: 403 }, statusCode: 403 }), badGateway],
  [
    'an API client with Headers',
    () => make(canary, { status: 429, headers: new Headers({ 'retry-after': '9' }) }),
    badGateway,
  ],
  [
    "jose's expiry",
    () => make(canary, { name: 'JWTExpired', code: 'ERR_JWT_EXPIRED' }),
    { ...badToken, detail: 'The token has expired.' },
  ],
  ["jose's signature", () => make(canary, { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' }), badToken],
  ["jose's claim", () => make(canary, { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' }), badToken],
  ["jose's keys out of reach", () => make(canary, { code: 'ERR_JWKS_TIMEOUT' }), late],
  ["jose's keys of ours that are wrong", () => make(canary, { code: 'ERR_JWKS_INVALID' }), internal],
  ['jsonwebtoken', () => make(canary, { name: 'JsonWebTokenError' }), badToken],
  [
    'multer: size',
    () => new multer.MulterError('LIMIT_FILE_SIZE', 'file'),
    { status: 413, detail: 'A file is too large.', code: 'ERR_HTTP_PAYLOAD_TOO_LARGE' },
  ],
  [
    'multer: field',
    () => new multer.MulterError('LIMIT_UNEXPECTED_FILE', canary),
    { status: 400, detail: 'A file came in a field that takes none.' },
  ],
  ['busboy', () => new Error('Unexpected end of form'), { status: 400, code: 'ERR_HTTP_BODY_MALFORMED' }],
  [
    'Zod 4',
    () => z.object({ age: z.number().positive(), 'a/b': z.array(z.string()) }).safeParse({ age: -1, 'a/b': [1] }).error,
    {
      ...invalidInput,
      errors: [
        { detail: 'Too small: expected number to be >0', pointer: '#/age', code: 'too_small' },
        { detail: 'Invalid input: expected string, received number', pointer: '#/a~1b/0', code: 'invalid_type' },
      ],
    },
  ],
  [
    'Zod 3',
    () => z3.object({ age: z3.number().positive() }).safeParse({ age: -1 }).error,
    { ...invalidInput, errors: [{ detail: 'Number must be greater than 0', pointer: '#/age', code: 'too_small' }] },
  ],
  [
    'Valibot',
    () => thrownBy(() => valibot.parse(valibot.object({ items: valibot.array(valibot.number()) }), { items: ['x'] })),
    {
      ...invalidInput,
      errors: [{ detail: 'Invalid type: Expected number but received "x"', pointer: '#/items/0', code: 'number' }],
    },
  ],
  [
    'ArkType',
    () => {
      const issues = [{ message: 'age must be a number (was a string)', path: ['age'], code: 'domain' }]
      return make(canary, { name: 'TraversalError', arkErrors: Object.assign([], { issues }) })
    },
    {
      ...invalidInput,
      errors: [{ detail: 'age must be a number (was a string)', pointer: '#/age', code: 'domain' }],
    },
  ],
  [
    'Standard Schema issues',
    () => make('Invalid', { name: 'SchemaError', issues: [{ message: 'wrong', path: [{ key: 'a' }, 'b c'] }] }),
    { ...invalidInput, errors: [{ detail: 'wrong', pointer: '#/a/b%20c' }] },
  ],
  [
    'Joi',
    () =>
      make('Invalid', { isJoi: true, details: [{ message: '"a" is required', path: ['a'], type: 'any.required' }] }),
    { ...invalidInput, errors: [{ detail: '"a" is required', pointer: '#/a', code: 'any.required' }] },
  ],
  [
    'Ajv',
    () =>
      make('Invalid', {
        ajv: true,
        validation: true,
        errors: [{ message: 'must be string', instancePath: '/a~1b/0', keyword: 'type' }],
      }),
    { ...invalidInput, errors: [{ detail: 'must be string', pointer: '#/a~1b/0', code: 'type' }] },
  ],
  [
    'Yup',
    () =>
      make('Invalid', {
        name: 'ValidationError',
        inner: [{ message: 'too short', path: 'users[0].name', type: 'min' }],
      }),
    { ...invalidInput, errors: [{ detail: 'too short', pointer: '#/users/0/name', code: 'min' }] },
  ],
  [
    'an HttpError of another package',
    () => new HttpError(423, 'Locked by Ann.', { code: 'ERR_DOCS_LOCKED', extensions: { by: 'Ann', status: 1 } }),
    { status: 423, title: 'Locked', detail: 'Locked by Ann.', code: 'ERR_DOCS_LOCKED', by: 'Ann' },
  ],
  [
    'an HttpError of another copy of core',
    () => new Foreign(423, 'Locked.', { headers: { 'Retry-After': '1' } }),
    { status: 423, detail: 'Locked.', code: 'ERR_HTTP_CLIENT' },
  ],
  ['a 5xx HttpError', () => new HttpError(500, canary), { ...internal, code: 'ERR_HTTP_SERVER' }],
  [
    'a 5xx HttpError that says expose',
    () => new HttpError(503, 'Closed until 18:00.', { expose: true }),
    { status: 503, detail: 'Closed until 18:00.' },
  ],
  [
    'extensions that are no JSON',
    () => new HttpError(400, 'Bad', { extensions: { big: 1n, cyclic, left: 3 } }),
    { status: 400, detail: 'Bad', left: 3, big: undefined },
  ],
  ['ConflictError', () => new ConflictError('Taken.'), { status: 409, detail: 'Taken.', code: 'ERR_HTTP_CONFLICT' }],
  [
    'ServiceError',
    () => new ServiceError(canary),
    { ...badGateway, detail: 'A service that this one needs has failed.' },
  ],
  [
    'ValidationError',
    () => new ValidationError('Wrong.', { status: 422, errors: [{ detail: 'no', pointer: '#/a' }] }),
    { status: 422, detail: 'Wrong.', errors: [{ detail: 'no', pointer: '#/a' }] },
  ],
]

describe.each(versions)('what is thrown on %s', (_, express) => {
  it.each(table)('[ER-2] D1 %s', async (_what, thrown, expected) => {
    const app = express()
    app.get(
      '/orders/:id',
      asyncHandler((_req: unknown, _res: unknown, _next: (error?: unknown) => void) => {
        throw thrown()
      }),
    )
    app.use((_req, res) => void res.send('fell through'))
    app.use(errorHandler())
    const { status, headers, json, text } = await ask(app, '/orders/7?secret=1')
    expect(headers['content-type']).toBe('application/problem+json')
    for (const [member, value] of Object.entries(expected)) expect([member, json[member]]).toEqual([member, value])
    expect(json).toMatchObject({ type: 'about:blank', instance: '/orders/7', status })
    expect(json.requestId).toBe(headers['x-request-id'])
    expect(text).not.toContain(canary)
    expect(JSON.stringify(headers)).not.toContain(canary)
  })
})

it('[ER-2] D1 has more than thirty of them', () => expect(table.length).toBeGreaterThanOrEqual(30))
