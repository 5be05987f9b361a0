import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { ConfigError, HttpError, isHardeningError, isHttpError } from '@hardening/core'
import * as ours from '../src/index.js'
import {
  AuthenticationError,
  AuthorizationError,
  ConflictError,
  errorHandler,
  HttpProblem,
  MethodNotAllowedError,
  NotFoundError,
  PayloadTooLargeError,
  RateLimitError,
  ServiceError,
  ServiceUnavailableError,
  TimeoutError,
  UnsupportedMediaTypeError,
  ValidationError,
  withoutStack,
} from '../src/index.js'
import { ask, closeServers, versions } from './support.js'

afterEach(closeServers)

type Options = {
  cause?: unknown
  code?: string
  headers?: Record<string, string>
  extensions?: Record<string, unknown>
}

const classes: [
  name: string,
  status: number,
  code: string,
  make: (detail?: string, options?: Options) => HttpProblem,
  expose: boolean,
][] = [
  ['ValidationError', 400, 'ERR_HTTP_VALIDATION', (detail, options) => new ValidationError(detail, options), true],
  [
    'AuthenticationError',
    401,
    'ERR_HTTP_AUTHENTICATION',
    (detail, options) => new AuthenticationError(detail, options),
    true,
  ],
  [
    'AuthorizationError',
    403,
    'ERR_HTTP_AUTHORIZATION',
    (detail, options) => new AuthorizationError(detail, options),
    true,
  ],
  ['NotFoundError', 404, 'ERR_HTTP_NOT_FOUND', (detail, options) => new NotFoundError(detail, options), true],
  [
    'MethodNotAllowedError',
    405,
    'ERR_HTTP_METHOD_NOT_ALLOWED',
    (detail, options) => new MethodNotAllowedError(['GET'], detail, options),
    true,
  ],
  ['ConflictError', 409, 'ERR_HTTP_CONFLICT', (detail, options) => new ConflictError(detail, options), true],
  [
    'PayloadTooLargeError',
    413,
    'ERR_HTTP_PAYLOAD_TOO_LARGE',
    (detail, options) => new PayloadTooLargeError(detail, options),
    true,
  ],
  [
    'UnsupportedMediaTypeError',
    415,
    'ERR_HTTP_UNSUPPORTED_MEDIA_TYPE',
    (detail, options) => new UnsupportedMediaTypeError(detail, options),
    true,
  ],
  ['RateLimitError', 429, 'ERR_HTTP_RATE_LIMIT', (detail, options) => new RateLimitError(detail, options), true],
  ['ServiceError', 502, 'ERR_HTTP_SERVICE', (detail, options) => new ServiceError('payments', detail, options), false],
  [
    'ServiceUnavailableError',
    503,
    'ERR_HTTP_SERVICE_UNAVAILABLE',
    (detail, options) => new ServiceUnavailableError(detail, options),
    false,
  ],
  ['TimeoutError', 504, 'ERR_HTTP_TIMEOUT', (detail, options) => new TimeoutError('payments', detail, options), false],
]

describe.each(classes)('%s', (name, status, code, make, expose) => {
  const copy = anotherCopy()

  it(`[ER-1] is a ${status} with the code ${code}`, () => {
    const error = make()
    expect(error).toMatchObject({ name, status, code, expose, type: 'about:blank' })
    expect(error.detail).not.toBe('')
    expect(error.message).toBe(error.detail)
    expect(error.stack).toContain('errors.test')
    expect(isHttpError(error)).toBe(true)
    expect(isHardeningError(error, code)).toBe(true)
  })

  it('[ER-1] takes detail, cause, code, headers and extensions', () => {
    const cause = new Error('x')
    const error = make('Own detail.', { cause, code: 'ERR_OWN', headers: { 'X-A': 'b' }, extensions: { left: 3 } })
    expect(error).toMatchObject({ detail: 'Own detail.', cause, code: 'ERR_OWN', extensions: { left: 3 } })
    expect(error.headers).toMatchObject({ 'X-A': 'b' })
  })

  it('[ER-1] D9 is an instance of its class and its bases, and of no other', () => {
    const error = make()
    for (const [other] of classes) {
      expect([other, error instanceof (ours as never as Record<string, new () => object>)[other]!]).toEqual([
        other,
        other === name,
      ])
    }
    expect(error instanceof HttpProblem && error instanceof HttpError && error instanceof Error).toBe(true)
  })

  it('[ER-1] D9 is an instance of its class also in another copy of the package', () => {
    const error = make()
    const Class = (copy as never as Record<string, typeof HttpProblem>)[name]!
    expect(Class).not.toBe((ours as never as Record<string, unknown>)[name])
    expect(error instanceof Class).toBe(true)
    expect(error instanceof copy.HttpProblem).toBe(true)
    expect(new Error('x') instanceof Class).toBe(false)
    class Own extends Class {}
    expect(error instanceof Own).toBe(false)
    expect((null as unknown) instanceof Class).toBe(false)
  })
})

function anotherCopy(): typeof ours {
  let copy: typeof ours | undefined
  jest.isolateModules(() => {
    copy = jest.requireActual<typeof ours>('../src/index.js')
  })
  return copy as typeof ours
}

describe('what the classes add', () => {
  it('[ER-1] ValidationError is 422 on request and carries errors[]', () => {
    const errors = [{ detail: 'must be a positive integer', pointer: '#/age' }]
    const error = new ValidationError('Wrong.', { status: 422, errors, extensions: { form: 'a' } })
    expect(error).toMatchObject({ status: 422, errors, extensions: { errors, form: 'a' } })
    expect(new ValidationError().errors).toEqual([])
  })

  it('[ER-1] AuthenticationError says how by WWW-Authenticate', () => {
    expect(new AuthenticationError().headers).toEqual({ 'WWW-Authenticate': 'Bearer' })
    expect(new AuthenticationError('x', { challenge: 'Basic' }).headers).toEqual({ 'WWW-Authenticate': 'Basic' })
  })

  it('[ER-1] MethodNotAllowedError says Allow', () => {
    const error = new MethodNotAllowedError(['GET', 'POST'])
    expect([error.allow, error.headers]).toEqual([['GET', 'POST'], { Allow: 'GET, POST' }])
  })

  it('[ER-1] UnsupportedMediaTypeError says Accept', () => {
    expect(new UnsupportedMediaTypeError('x', { accept: ['a/b', 'c/d'] }).headers).toEqual({ Accept: 'a/b, c/d' })
    expect(new UnsupportedMediaTypeError().headers).toEqual({})
  })

  it.each([
    ['RateLimitError', RateLimitError],
    ['ServiceUnavailableError', ServiceUnavailableError],
  ])('[ER-1] %s says Retry-After in whole seconds, rounded up', (_name, Class) => {
    const at = (retryAfter: number | Date) => new Class('x', { retryAfter })
    expect([at(0.2).retryAfter, at(0.2).headers]).toEqual([1, { 'Retry-After': '1' }])
    expect(at(-5).headers).toEqual({ 'Retry-After': '0' })
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000)
    expect(at(new Date(1_029_500)).retryAfter).toBe(30)
    now.mockRestore()
    expect([new Class().retryAfter, new Class().headers]).toEqual([undefined, {}])
    expect(() => at(Number.NaN)).toThrow(ConfigError)
  })

  it('[ER-1] ServiceError and TimeoutError know the service, and keep it from the client', () => {
    for (const error of [new ServiceError('payments'), new TimeoutError('payments')]) {
      expect([error.service, error.extensions, error.expose]).toEqual(['payments', {}, false])
      expect(JSON.stringify(ours.toProblem(error))).not.toContain('payments')
    }
  })

  it('[ER-1] withoutStack records none, and the next error has one again', () => {
    const limit = Error.stackTraceLimit
    expect(withoutStack((detail: string) => new NotFoundError(detail), 'x').stack).not.toContain('\n    at ')
    expect(() =>
      withoutStack(() => {
        throw new Error('x')
      }),
    ).toThrow('x')
    expect(Error.stackTraceLimit).toBe(limit)
    expect(new NotFoundError().stack).toContain('\n    at ')
  })
})

class OutOfStockError extends HttpProblem<{ readonly sku: string; readonly left: number }> {
  constructor(sku: string, left: number) {
    super(409, `Only ${left} left.`, {
      code: 'ERR_SHOP_OUT_OF_STOCK',
      type: 'https://shop.example/problems/out-of-stock',
      title: 'Out of stock',
      extensions: { sku, left },
    })
  }
}

class SeatTakenError extends ConflictError<{ readonly seat: string }> {
  constructor(seat: string) {
    super('The seat is taken.', { code: 'ERR_HALL_SEAT', extensions: { seat } })
  }
}

describe('classes of users', () => {
  it('[ER-1] D9 have typed extension members', () => {
    const error = new OutOfStockError('a-1', 2)
    const left: number = error.extensions.left
    const seat: string = new SeatTakenError('7A').extensions.seat
    // @ts-expect-error left is a number
    const wrong: string = error.extensions.left
    expect([left, seat, wrong]).toEqual([2, '7A', 2])
    // @ts-expect-error the members that the class promises are missing
    const make = (): unknown => new HttpProblem<{ sku: string }>(409, 'x', { extensions: {} })
    expect(make).not.toThrow()
  })

  it('[ER-1] D9 are told apart, and are what they extend', () => {
    const error = new SeatTakenError('7A')
    expect(error instanceof SeatTakenError && error instanceof ConflictError && error instanceof HttpProblem).toBe(true)
    expect(error instanceof OutOfStockError).toBe(false)
    expect(new ConflictError() instanceof SeatTakenError).toBe(false)
    expect([error.name, error.status]).toEqual(['SeatTakenError', 409])
  })

  it.each(versions)('[ER-1] D9 are answered with their members on %s', async (_, express) => {
    const app = express()
    app.get('/', () => {
      throw new OutOfStockError('a-1', 2)
    })
    app.use(errorHandler())
    expect((await ask(app, '/')).json).toMatchObject({
      type: 'https://shop.example/problems/out-of-stock',
      title: 'Out of stock',
      status: 409,
      detail: 'Only 2 left.',
      code: 'ERR_SHOP_OUT_OF_STOCK',
      sku: 'a-1',
      left: 2,
    })
  })
})
