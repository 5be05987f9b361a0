import { describe, expect, it, jest } from '@jest/globals'
import { ConfigError, HardeningError, HttpError, isHardeningError, isHttpError } from '../src/index.js'

describe('HttpError', () => {
  it('[CO-1] carries code, status, title, detail, expose, headers and cause', () => {
    const cause = new Error('socket')
    const error = new HttpError(503, 'Try later', {
      cause,
      code: 'ERR_TEST_BUSY',
      title: 'Busy',
      type: 'https://example.com/busy',
      headers: { 'Retry-After': '3' },
      extensions: { queue: 7 },
    })
    expect(error).toMatchObject({
      code: 'ERR_TEST_BUSY',
      status: 503,
      title: 'Busy',
      type: 'https://example.com/busy',
      detail: 'Try later',
      message: 'Try later',
      expose: false,
      headers: { 'Retry-After': '3' },
      extensions: { queue: 7 },
      cause,
    })
  })

  it.each([
    [400, true, 'ERR_HTTP_CLIENT'],
    [499, true, 'ERR_HTTP_CLIENT'],
    [500, false, 'ERR_HTTP_SERVER'],
    [599, false, 'ERR_HTTP_SERVER'],
  ])('[CO-1] exposes the detail of a %i: %s', (status, expose, code) => {
    expect(new HttpError(status, 'x')).toMatchObject({ expose, code })
  })

  it.each([0, 200, 399, 600, 404.5, Number.NaN, '404'])('[CO-1] refuses the status %p', (status) => {
    expect(() => new HttpError(status as number, 'x')).toThrow(ConfigError)
  })

  it('[CO-1] has no own cause where none was given', () => {
    expect(Object.hasOwn(new HttpError(400, 'x'), 'cause')).toBe(false)
  })

  it('[CO-1] is named after its class, also when subclassed', () => {
    class OutOfStock extends HttpError {
      constructor() {
        super(409, 'Sold out', { code: 'ERR_SHOP_OUT_OF_STOCK' })
      }
    }
    const error = new OutOfStock()
    expect(error.name).toBe('OutOfStock')
    expect(String(error)).toBe('OutOfStock: Sold out')
    error.name = 'Renamed'
    expect(error.name).toBe('Renamed')
  })
})

describe('isHardeningError', () => {
  it('[CO-1] tells by code, not by class', () => {
    const error: unknown = new HttpError(404, 'x', { code: 'ERR_SHOP_GONE' })
    expect(isHardeningError(error)).toBe(true)
    expect(isHardeningError(error, 'ERR_SHOP_GONE')).toBe(true)
    expect(isHardeningError(error, 'ERR_OTHER')).toBe(false)
  })

  it('[CO-1] recognises errors of a second copy of the package, where instanceof does not', () => {
    let Copy: typeof HttpError | undefined
    jest.isolateModules(() => {
      Copy = jest.requireActual<{ HttpError: typeof HttpError }>('../src/errors.js').HttpError
    })
    const foreign = new (Copy as typeof HttpError)(404, 'x')
    expect(foreign instanceof HttpError).toBe(false)
    expect(isHardeningError(foreign)).toBe(true)
    expect(isHttpError(foreign)).toBe(true)
  })

  it.each([undefined, null, 'x', 7, {}, new Error('x'), { code: 'ERR_HTTP_CLIENT', status: 400 }])(
    '[CO-1] says no to %p',
    (value) => expect(isHardeningError(value)).toBe(false),
  )

  it('[CO-1] says no to a proxy that throws', () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
      },
    )
    expect(isHardeningError(hostile)).toBe(false)
  })
})

describe('ConfigError', () => {
  it('[CO-1] names factory, option, what it accepts and the value it got', () => {
    const error = new ConfigError('rateLimit', 'limit', 'a positive integer', '3')
    expect(error.message).toBe('rateLimit: `limit` must be a positive integer, got "3"')
    expect(error).toMatchObject({ code: 'ERR_CONFIG_INVALID', factory: 'rateLimit', option: 'limit' })
    expect(error).toBeInstanceOf(HardeningError)
  })

  it('[CO-1] names everything that is wrong in one error', () => {
    const error = new ConfigError('harden', [
      { option: 'a', expected: 'a string', got: 1 },
      { option: 'b', expected: 'true or false', got: 'yes' },
    ])
    expect(error.message.split('\n')).toEqual([
      'harden: `a` must be a string, got 1',
      'harden: `b` must be true or false, got "yes"',
    ])
    expect(error.issues).toHaveLength(2)
  })

  it.each([
    [undefined, 'undefined'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [10n, '10n'],
    [/a/g, '/a/g'],
    [Symbol('s'), 'Symbol(s)'],
    [{ a: [1] }, '{"a":[1]}'],
    ['x'.repeat(200), `"${'x'.repeat(77)}..."`],
    [function limit() {}, 'function limit'],
  ])('[CO-1] shows %p as one short line', (value, text) => {
    expect(new ConfigError('f', 'o', 'x', value).message).toBe(`f: \`o\` must be x, got ${text}`)
  })

  it('[CO-1] shows what is cyclic or throws without failing', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    expect(new ConfigError('f', 'o', 'x', cyclic).message).toContain('an unreadable value')
    const throwing = Object.defineProperty({}, 'toJSON', {
      get() {
        throw new Error('no')
      },
    })
    expect(new ConfigError('f', 'o', 'x', throwing).message).toContain('an unreadable value')
  })
})
