import { describe, expect, it } from '@jest/globals'
import { runInNewContext } from 'node:vm'
import { createRedactor } from '../src/redact/index.js'
import { KeyRules } from '../src/redact/key-rules.js'

const { redact, redactText } = createRedactor()
const plain = 'hunter2-Correct.Horse'

describe('values that are no plain data', () => {
  it.each<[name: string, value: unknown, expected: unknown]>([
    ['null', null, null],
    ['undefined', undefined, undefined],
    ['true', true, true],
    ['text', 'text', 'text'],
    ['not a number', NaN, 'NaN'],
    ['infinity', [Infinity, -Infinity], ['Infinity', '-Infinity']],
    ['big integer', 12n, '12'],
    ['very big integer', 10n ** 400n, '[big integer]'],
    ['very small integer', -(10n ** 400n), '[big integer]'],
    ['symbol', Symbol('mark'), 'Symbol(mark)'],
    ['function', () => plain, '[function]'],
    ['date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['invalid date', new Date(NaN), '[invalid date]'],
    ['regular expression', /a+/g, '/a+/g'],
    ['buffer', Buffer.from(plain), `[Uint8Array: ${plain.length} bytes]`],
    ['typed array', new Float64Array(4), '[Float64Array: 32 bytes]'],
    ['view', new DataView(new ArrayBuffer(3)), '[DataView: 3 bytes]'],
    ['bytes', new ArrayBuffer(8), '[ArrayBuffer: 8 bytes]'],
    ['shared bytes', new SharedArrayBuffer(8), '[SharedArrayBuffer: 8 bytes]'],
    ['promise', Promise.resolve(plain), '[Promise]'],
    ['weak map', new WeakMap(), '[WeakMap]'],
    ['weak set', new WeakSet(), '[WeakSet]'],
    ['set', new Set([1, 'a', { password: plain }]), [1, 'a', { password: '[redacted]' }]],
    [
      'map',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
        [{ c: 1 }, 3],
        [Symbol('s'), 4],
      ]),
      { a: 1, 2: 'b', '[object]': 3, 'Symbol(s)': 4 },
    ],
    ['map with a function as a key', new Map([[() => plain, 1]]), { '[function]': 1 }],
    ['boxed text', Object('text'), 'text'],
    ['boxed number', Object(7), 7],
    ['boxed big integer', Object(7n), '7'],
    [
      'URL',
      new URL(`https://u:${plain}@a.example/?token=${plain}`),
      'https://u:[redacted]@a.example/?token=[redacted]',
    ],
    ['search parameters', new URLSearchParams('a=1&token=x1'), 'a=1&token=[redacted]'],
    ['headers', new Headers({ a: '1', cookie: 'x' }), { a: '1', cookie: '[redacted]' }],
    [
      'object without a prototype',
      Object.assign(Object.create(null), { a: 1, token: 'x' }),
      { a: 1, token: '[redacted]' },
    ],
    ['array with holes', [1, , undefined, 2], [1, null, null, 2]], // oxlint-disable-line no-sparse-arrays
    ['properties that are undefined', { a: undefined, b: 1 }, { b: 1 }],
    ['properties named by symbols', { [Symbol('password')]: plain, a: 1 }, { a: 1 }],
    ['properties that are hidden', Object.defineProperty({ a: 1 }, 'b', { value: plain }), { a: 1 }],
    [
      'key __proto__',
      JSON.parse('{"__proto__":{"password":"x"},"a":1}'),
      JSON.parse('{"__proto__":{"password":"[redacted]"},"a":1}'),
    ],
    [
      'data of another realm',
      runInNewContext('({ a: [1, { password: "x" }], d: new Date(0), m: new Map([["token", "x"]]) })'),
      { a: [1, { password: '[redacted]' }], d: '1970-01-01T00:00:00.000Z', m: { token: '[redacted]' } },
    ],
  ])('[CO-6] shows %s', (_name, value, expected) => {
    expect(redact(value)).toEqual(expected)
  })

  it('[CO-6] changes no prototype through a key', () => {
    const output = redact(
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
    ) as object
    expect(Object.getPrototypeOf(output)).toBe(Object.prototype)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('[CO-6] shows what toJSON gives, once, with the rules for names', () => {
    class User {
      #password = plain
      toJSON() {
        return { id: 7, password: this.#password, when: new Date(0) }
      }
    }
    class Chain {
      toJSON(): unknown {
        return new Chain()
      }
    }
    const self = { a: 1, token: 'x', toJSON: (): unknown => self }
    expect(redact({ user: new User() })).toEqual({
      user: { id: 7, password: '[redacted]', when: '1970-01-01T00:00:00.000Z' },
    })
    expect(redact(self)).toEqual({ a: 1, token: '[redacted]', toJSON: '[function]' })
    expect(redact(new Chain())).toBe('[too deep]')
  })

  it('[CO-6] shows instances by their properties', () => {
    class Config {
      host = 'a.example'
      password = plain
      get derived() {
        return plain
      }
    }
    expect(redact(new Config())).toEqual({ host: 'a.example', password: '[redacted]' })
  })
})

describe('errors', () => {
  it('[CO-6] shows name, message, stack, cause and what is put on it', () => {
    const cause = new TypeError('inner')
    const error = Object.assign(new RangeError(`outer ?token=${plain}`, { cause }), { code: 'E_X', password: plain })
    const output = redact(error) as Record<string, unknown>
    expect(output).toMatchObject({
      name: 'RangeError',
      message: 'outer ?token=[redacted]',
      code: 'E_X',
      password: '[redacted]',
      cause: { name: 'TypeError', message: 'inner' },
    })
    expect(output['stack']).toContain('redact-hostile.test')
    expect(JSON.stringify(output)).not.toContain(plain)
  })

  it('[CO-6] shows the errors of an aggregate and errors of another realm', () => {
    expect(redact(new AggregateError([new Error('a'), 'b'], 'all'))).toMatchObject({
      name: 'AggregateError',
      errors: [{ message: 'a' }, 'b'],
    })
    expect(redact(runInNewContext('new TypeError("far away")'))).toMatchObject({ message: 'far away' })
  })

  it('[CO-6] survives errors that cause themselves', () => {
    const error = new Error('a') as Error & { cause?: unknown }
    error.cause = error
    const aggregate = new AggregateError([], 'b')
    aggregate.errors.push({ aggregate })
    expect(redact(error)).toMatchObject({ message: 'a', cause: '[circular]' })
    expect(redact(aggregate)).toMatchObject({ errors: [{ aggregate: '[circular]' }] })
  })

  it('[CO-6] survives errors whose parts throw or are no text', () => {
    const broken = new Error('x')
    // The stack first: the engine writes it from the message when it is touched.
    for (const key of ['stack', 'name', 'message', 'cause']) {
      Object.defineProperty(broken, key, {
        get() {
          throw new Error(plain)
        },
      })
    }
    expect(redact(broken)).toEqual({
      name: 'Error',
      message: '[unreadable]',
      stack: '[unreadable]',
      cause: '[unreadable]',
    })
    const odd = Object.assign(new Error('x'), { name: { password: plain }, message: { password: plain }, stack: 7 })
    expect(redact(odd)).toEqual({ name: 'Error', message: { password: '[redacted]' }, stack: 7 })
  })

  it('[CO-6] does not trust the toJSON of an error to leave nothing out', () => {
    const error = Object.assign(new Error('kept'), { toJSON: () => ({}) })
    expect(redact(error)).toMatchObject({ message: 'kept' })
  })
})

describe('hostile values', () => {
  const throwing = () => {
    throw new Error(plain)
  }
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const { proxy: revokedArray, revoke: revokeArray } = Proxy.revocable([], {})
  revokeArray()

  it.each<[name: string, value: unknown, expected: unknown]>([
    [
      'a getter that throws',
      {
        a: 1,
        get b() {
          return throwing()
        },
        c: 3,
      },
      { a: 1, b: '[unreadable]', c: 3 },
    ],
    ['a toJSON that throws', { a: { toJSON: throwing } }, { a: '[unreadable]' }],
    [
      'a toJSON that is a getter that throws',
      {
        a: {
          get toJSON() {
            return throwing()
          },
        },
      },
      { a: '[unreadable]' },
    ],
    ['a revoked proxy', { a: revoked, b: 1 }, { a: '[unreadable]', b: 1 }],
    ['a revoked array', [revokedArray, 1], ['[unreadable]', 1]],
    ['a revoked proxy at the top', revoked, '[unreadable]'],
    ['a proxy whose keys throw', new Proxy({}, { ownKeys: throwing }), '[unreadable]'],
    ['a proxy whose values throw', new Proxy({ a: 1 }, { get: throwing }), '[unreadable]'],
    ['a proxy whose prototype throws', new Proxy({}, { getPrototypeOf: throwing }), '[unreadable]'],
    ['an array whose length throws', new Proxy([], { get: throwing }), '[unreadable]'],
    ['an array of negative length', new Proxy([], { get: () => -1 }), []],
    ['an array whose length is an object', new Proxy([], { get: () => ({ valueOf: throwing }) }), '[unreadable]'],
    [
      'a date with methods of its own',
      Object.assign(new Date(0), { toISOString: throwing, getTime: throwing }),
      '1970-01-01T00:00:00.000Z',
    ],
    ['a boxed text with methods of its own', Object.assign(Object('a'), { valueOf: throwing }), '[unreadable]'],
    ['a regular expression with methods of its own', Object.assign(/a/, { toString: throwing }), '[unreadable]'],
    [
      'a map with methods of its own',
      Object.assign(new Map([['a', 1]]), { entries: throwing, forEach: throwing }),
      { a: 1 },
    ],
    ['an item that throws', Object.defineProperty([1, 2], 0, { get: throwing }), ['[unreadable]', 2]],
    ['a function that is a proxy', new Proxy(throwing, { get: throwing }), '[function]'],
    ['a symbol of a secret', Symbol(['ghp', 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYz123'].join('_')), 'Symbol([redacted])'],
  ])('[CO-6] survives %s', (_name, value, expected) => {
    expect(redact(value)).toEqual(expected)
  })

  it('[CO-6] says what is circular and shows what is only there twice', () => {
    const shared = { a: 1 }
    const input: Record<string, unknown> = { shared, again: shared, list: [shared, shared] }
    input['self'] = input
    ;(input['list'] as unknown[]).push(input['list'])
    const map = new Map<string, unknown>([['a', 1]])
    map.set('self', map)
    input['map'] = map
    const set = new Set<unknown>([1])
    set.add(set)
    input['set'] = set
    expect(redact(input)).toEqual({
      shared: { a: 1 },
      again: { a: 1 },
      list: [{ a: 1 }, { a: 1 }, '[circular]'],
      self: '[circular]',
      map: { a: 1, self: '[circular]' },
      set: [1, '[circular]'],
    })
  })

  it('[CO-6] comes to an end where a value has none', () => {
    const endless: object = new Proxy(
      {},
      {
        ownKeys: () => ['a', 'b'],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
        get: (_target, key) => (key === 'toJSON' ? undefined : endlessChild()),
      },
    )
    function endlessChild(): object {
      return new Proxy(endless, {})
    }
    const output = JSON.stringify(redact(endless))
    expect(output).toContain('[too deep]')
    const wide = {
      get a() {
        return Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index]))
      },
    }
    expect(Object.keys((redact(wide) as { a: object }).a)).toHaveLength(201)
  })

  it('[CO-6] a getter may use the redactor itself', () => {
    const value = {
      get inner() {
        return redact({ password: plain, a: { b: 1 } })
      },
      password: plain,
    }
    expect(redact(value)).toEqual({ inner: { password: '[redacted]', a: { b: 1 } }, password: '[redacted]' })
  })

  it('[CO-6] hides by name in whatever order the names of objects come', () => {
    const names = ['id', 'password', 'note', 'token', 'count']
    for (let turn = 0; turn < 60; turn++) {
      const order = names.map((_, at) => names[(at * 2 + turn) % names.length] as string)
      const value = Object.fromEntries(order.map((name) => [name, plain]))
      const expected = order.map((name) => [name, name === 'password' || name === 'token' ? '[redacted]' : plain])
      expect(Object.entries(redact(value) as object)).toEqual(expected)
    }
  })

  it('[CO-6] leaves out what is undefined and symbols, and shows no property that somebody gave to all objects', () => {
    const polluted = Object.prototype as Record<string, unknown>
    polluted['tokenOfAll'] = plain
    try {
      const shown = redact({ a: 1, b: undefined, c: 3, [Symbol('s')]: plain, d: { e: undefined } }) as object
      expect(Object.getOwnPropertySymbols(shown)).toEqual([])
      expect(JSON.parse(JSON.stringify(shown))).toMatchObject({ a: 1, c: 3, d: {} })
      expect(Object.keys(shown).filter((key) => key.length === 1)).toEqual(['a', 'c', 'd'])
      expect(JSON.stringify(shown)).not.toContain(plain)
    } finally {
      delete polluted['tokenOfAll']
    }
  })

  it('[CO-6] gives back the very text where nothing is hidden', () => {
    const text = 'nothing to see here'
    expect(redactText(text)).toBe(text)
    expect(redact(text)).toBe(text)
    expect(redactText(7 as never)).toBe('[unreadable]')
  })

  it('[CO-6] what it gives is a copy that later changes of the value do not reach', () => {
    const value = { list: [1], inner: { a: 1 } }
    const output = redact(value)
    value.list.push(2)
    value.inner.a = 2
    expect(output).toEqual({ list: [1], inner: { a: 1 } })
  })
})

describe('limits', () => {
  const nest = (depth: number): unknown => (depth === 0 ? 'end' : { a: nest(depth - 1) })

  it('[CO-6] depth', () => {
    expect(JSON.stringify(redact(nest(10)))).toContain('end')
    expect(JSON.stringify(redact(nest(11)))).toContain('[too deep]')
    expect(createRedactor({ limits: { depth: 2 } }).redact({ a: { b: { c: 1 } }, d: [[1]] })).toEqual({
      a: { b: '[too deep]' },
      d: ['[too deep]'],
    })
    let deep: unknown = 1
    for (let index = 0; index < 100_000; index++) deep = { a: deep }
    expect(JSON.stringify(createRedactor({ limits: { depth: 100 } }).redact(deep))).toContain('[too deep]')
  })

  it('[CO-6] keys and items, with a count of what is left out', () => {
    const redactor = createRedactor({ limits: { keys: 2, items: 2 } })
    expect(redactor.redact({ a: 1, b: 2, c: 3, d: 4 })).toEqual({ a: 1, b: 2, '\u2026': '2 more' })
    expect(redactor.redact([1, 2, 3, 4, 5])).toEqual([1, 2, '[3 more]'])
    expect(redactor.redact(new Map(Object.entries({ a: 1, b: 2, c: 3 })))).toEqual({ a: 1, b: 2, '\u2026': '1 more' })
    expect(redactor.redact(new Set([1, 2, 3, 4]))).toEqual([1, 2, '[2 more]'])
    expect(redactor.redact(new Set([1, 2]))).toEqual([1, 2])
    expect(redactor.redact(new Headers({ a: '1', b: '2', c: '3' }))).toEqual({ a: '1', b: '2', '\u2026': 'some more' })
    expect(redactor.redact(Object.assign([], { length: 4_000_000_000 }))).toEqual([null, null, '[3999999998 more]'])
  })

  it('[CO-6] nodes in all', () => {
    const redactor = createRedactor({ limits: { nodes: 5 } })
    expect(
      redactor.redact([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ).toEqual([[1, 2], [3, '[1 more]'], '[1 more]'])
    let shared: unknown = 1
    for (let index = 0; index < 60; index++) shared = [shared, shared]
    const output = createRedactor({ limits: { depth: 100 } }).redact(shared)
    expect(JSON.stringify(output).length).toBeLessThan(200_000)
  })

  it('[CO-6] characters of one text, with a count of what is left out', () => {
    const redactor = createRedactor({ limits: { stringLength: 20 } })
    expect(redactor.redactText('x'.repeat(20))).toBe('x'.repeat(20))
    expect(redactor.redactText('x'.repeat(25))).toBe(`${'x'.repeat(20)}\u2026 [5 more characters]`)
    expect(redactor.redactText('x'.repeat(25_000))).toBe(`${'x'.repeat(20)}\u2026 [24980 more characters]`)
  })

  it('[CO-6] characters in all', () => {
    const redactor = createRedactor({ limits: { characters: 50 } })
    const text = 'x'.repeat(20)
    expect(redactor.redact([text, text, text, 'short'])).toEqual([text, text, '[too much]', 'short'])
    expect(redactor.redact({ [`k${'y'.repeat(70)}`]: 1, a: 2 })).toEqual({ '\u2026': '2 more' })
  })

  it('[CO-6] characters of a key', () => {
    const long = 'k'.repeat(500)
    expect(redact({ [long]: 1 })).toEqual({ [`${'k'.repeat(128)}\u2026`]: 1 })
    expect(redact({ [`${long}_password`]: plain, [`password_${long}`]: plain })).toEqual({
      [`${'k'.repeat(128)}\u2026`]: '[redacted]',
      [`password_${'k'.repeat(119)}\u2026`]: '[redacted]',
    })
  })

  const random = 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYz'.repeat(100)
  it.each([
    ['token', `ghp_${random.slice(0, 36)}`],
    ['JWT longer than is read ahead', `eyJ${random.slice(0, 2500)}.${random.slice(0, 500)}.${random.slice(0, 43)}`],
    ['card', '4111 1111 1111 1111'],
    [
      'private key longer than is read ahead',
      `-----BEGIN PRIVATE KEY-----\n${random.slice(0, 3000)}\n-----END PRIVATE KEY-----`,
    ],
    ['password in a URL longer than is read ahead', `https://user:${random.slice(0, 3000)}@a.example/`],
    ['value longer than is read ahead', `password="${random.slice(0, 3000)}"`],
  ])('[CO-6] a %s that is cut is not shown in half', (_name, secret) => {
    const { redactText: short } = createRedactor({ limits: { stringLength: 200 } })
    for (let offset = 150; offset <= 200; offset++) {
      const output = short(`${'a '.repeat(100).slice(0, offset)} ${secret} ${'z '.repeat(2000)}`)
      expect(output).not.toContain(random.slice(0, 6))
      expect(output).not.toContain('4111')
    }
  })

  it('[CO-6] room that hiding has made is not filled with half a secret', () => {
    const { redactText: short } = createRedactor({ limits: { stringLength: 2000 } })
    const key = `-----BEGIN PRIVATE KEY-----\n${random.slice(0, 1500)}\n-----END PRIVATE KEY-----`
    for (let filler = 1400; filler < 1500; filler++) {
      expect(short(`${key}${' a'.repeat(filler / 2)} ghp_${random.slice(0, 36)} ${'z '.repeat(2000)}`)).not.toContain(
        'ghp_',
      )
    }
  })

  it('[CO-6] decisions about names are remembered, but not without bound', () => {
    const { redact: many } = createRedactor({ limits: { keys: 1_000_000, nodes: 1_000_000 } })
    const names = Array.from({ length: 10_000 }, (_, index) => [`name${'x'.repeat(index % 50)}${index}`, index])
    expect(Object.keys(many(Object.fromEntries(names)) as object)).toHaveLength(10_000)
    expect(many({ password: 1 })).toEqual({ password: '[redacted]' })
    const rules = new KeyRules({ keys: [], keep: [], keyLength: 128, text: (key) => key })
    for (const [name] of names) rules.of(String(name))
    expect(rules.cached).toBeGreaterThan(0)
    expect(rules.cached).toBeLessThanOrEqual(2000)
    const before = rules.cached
    rules.of('k'.repeat(65))
    expect(rules.cached).toBe(before)
    let rule = rules.start
    for (const [name] of names) rule = rules.after(rule, String(name))
    let chained = 0
    for (let next = rules.start.next; next !== undefined && chained < 10_000; next = next.next) chained += 1
    expect(chained).toBeLessThanOrEqual(2000)
  })
})
