import { afterEach, describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import { createRedactor } from '../src/redact/index.js'

const { redact, redactText } = createRedactor()
const random = (length: number) => 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYz'.repeat(length).slice(0, length)

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  maxDepth: 5,
})

// Characters that mean something to a scanner.
const text = fc.string({
  unit: fc.constantFrom(
    ...'aZ09_-.=:>< "\'\\/@?&;,{}[]%\n',
    'token',
    'password',
    'Bearer ',
    'Basic ',
    '://',
    'eyJ',
    '-----BEGIN ',
    'PRIVATE KEY-----',
    '4111',
    'sk_live_',
    'ghp_',
    'Cookie: ',
  ),
  maxLength: 60,
})

const shapes = [
  `ghp_${random(36)}`,
  `sk_live_${random(24)}`,
  `AKIAIOSFODNN7EXAMPLE`,
  `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${random(43)}`,
  `xoxb-1234567890-${random(24)}`,
  `-----BEGIN PRIVATE KEY-----\n${random(64)}\n-----END PRIVATE KEY-----`,
]

describe('properties', () => {
  it('[CO-6] never throws and always gives plain JSON data (property)', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const output = redact(value)
        if (output !== undefined) expect(() => JSON.parse(JSON.stringify(output)) as unknown).not.toThrow()
        expect(isPlain(output)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('[CO-6] never changes its input (property)', () => {
    fc.assert(
      fc.property(fc.object({ maxDepth: 4, values: [fc.string(), fc.integer(), fc.boolean()] }), (value) => {
        const before = structuredClone(value)
        redact(deepFreeze(value))
        expect(value).toEqual(before)
      }),
      { numRuns: 500 },
    )
  })

  it('[CO-6] leaves JSON data without names and shapes of secrets as it is (property)', () => {
    const leaf = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.string({ unit: fc.constantFrom(...'abc d'), maxLength: 20 }),
    )
    const key = fc.string({ unit: fc.constantFrom(...'abc'), minLength: 1, maxLength: 4 })
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc.array(tie('tree'), { maxLength: 5 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        expect(redact(value)).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  it('[CO-6] a secret under a sensitive name is never in the output, wherever it is (property)', () => {
    const secret = 'c4n4ry-c4n4ry'
    const name = fc.constantFrom(
      'password',
      'newPassword',
      'API_KEY',
      'x-auth-token',
      'clientSecret',
      'Cookie',
      'sessionId',
      'pinCode',
    )
    const wrap = fc.array(
      fc.constantFrom<((value: unknown) => unknown)[]>(
        (value) => [1, value],
        (value) => ({ a: 1, inner: value }),
        (value) => new Map([['m', value]]),
        (value) => new Set([value]),
        (value) => new Error('e', { cause: value }),
        (value) => ({ toJSON: () => value }),
        (value) => new AggregateError([value]),
      ),
      { maxLength: 6 },
    )
    const held = fc.constantFrom<((name: string) => unknown)[]>(
      (key) => ({ [key]: secret }),
      (key) => ({ [key]: [secret, { a: secret }] }),
      (key) => ({ [key]: { deep: { deeper: secret } } }),
      (key) => new Map([[key, secret]]),
      (key) => ({ name: key, value: secret }),
      (key) => `?${key}=${secret}`,
      (key) => JSON.stringify({ [key]: secret }),
      (key) => JSON.stringify(JSON.stringify({ a: { [key]: secret } })),
    )
    fc.assert(
      fc.property(name, wrap, held, (key, wraps, hold) => {
        const value = wraps.reduce<unknown>((inner, one) => one(inner), hold(key))
        expect(JSON.stringify(redact(value))).not.toContain(secret)
      }),
      { numRuns: 1000 },
    )
  })

  it('[CO-6] a secret that is known by its shape is never in a text, whatever stands around it (property)', () => {
    const around = fc.string({ unit: fc.constantFrom(...' \n"\'(){}[],;:=/?&<>|@'), maxLength: 20 })
    fc.assert(
      fc.property(
        around,
        fc.constantFrom(...shapes),
        around,
        fc.constantFrom(...shapes),
        (before, one, between, two) => {
          const output = redactText(`some${before || ' '}${one}${between || ' '}${two}`)
          expect(output).not.toContain(random(16))
          expect(output).not.toContain('IOSFODNN7')
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('[CO-6] any text comes back as a text, and redacting twice is redacting once (property)', () => {
    fc.assert(
      fc.property(text, (value) => {
        const once = redactText(value)
        expect(typeof once).toBe('string')
        expect(redactText(once)).toBe(once)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('work', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  const pieces = [
    'a',
    ' ',
    '\\',
    '"',
    '=',
    'a=',
    'token=',
    'token="',
    'token=\\"',
    'tokens=1',
    'token:[',
    '"token":[',
    '"token":{',
    'a:\n',
    'token: a b\n',
    '?key=',
    '?key=a1',
    '&code=aaaaaaaaaaaaaaaaa',
    '<token>',
    '<token',
    '<<<<',
    '> ',
    '://',
    'a://',
    'a://b:',
    'a://b:c',
    'a://b:/c',
    '@',
    'a:@',
    'bearer ',
    'basic ',
    'Bearer a.a.a.a.a.a ',
    'eyJ',
    'eyJaaaaaaaaaaaaaaaa_',
    'eyJaaaaaaaaaaaaaaaa.',
    'sk-ant-',
    'sk-',
    'ghp_',
    'a_live_',
    'pk_live_',
    '_test_',
    'AKIA',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN A-----',
    '-----END ',
    '-----',
    '1',
    '4111 ',
    '4111-',
    '4111111111111111 ',
    '1 2 ',
    '[[[[',
    '....',
    '____',
    '%%%%',
  ]

  // Has something of everything, so that no scanner is left out.
  const head = `@ : ${'-'.repeat(5)} 4111 1111 1111 1111 ${random(20)} `

  it.each(pieces)('[CO-6] grows in step with the text: %j over and over', (piece) => {
    const limits = { stringLength: 1_000_000, characters: 10_000_000 }
    const redactor = createRedactor({ limits })
    const small = workOf(() => redactor.redactText(head + piece.repeat(Math.ceil(4_000 / piece.length))))
    const large = workOf(() => redactor.redactText(head + piece.repeat(Math.ceil(16_000 / piece.length))))
    expect(large).toBeLessThan(small * 4 * 1.3 + 2_000)
  })

  it('[CO-6] grows in step with the text, whatever it is made of (property)', () => {
    const limits = { stringLength: 1_000_000, characters: 10_000_000 }
    const redactor = createRedactor({ limits })
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 }), (parts) => {
        const unit = parts.join('')
        const small = workOf(() => redactor.redactText(head + unit.repeat(Math.ceil(1_000 / unit.length))))
        const large = workOf(() => redactor.redactText(head + unit.repeat(Math.ceil(8_000 / unit.length))))
        expect(large).toBeLessThan(small * 8 * 1.5 + 4_000)
      }),
      { numRuns: 60 },
    )
  })

  it('[CO-6] looks at no more of a value than its limits allow', () => {
    let reads = 0
    const watched = (value: object): object =>
      new Proxy(value, {
        get(target, key, receiver) {
          reads++
          const inner: unknown = Reflect.get(target, key, receiver)
          return typeof inner === 'object' && inner !== null ? watched(inner) : inner
        },
      })
    const wide = (depth: number): unknown =>
      depth === 0 ? 1 : Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`k${index}`, wide(depth - 1)]))
    const { redact: bounded } = createRedactor({ limits: { nodes: 500 } })
    bounded(watched({ value: wide(4) }))
    expect(reads).toBeLessThan(500 * 3)
  })
})

/** Counts the characters that the scanners look at, by watching the methods of text that they use. */
function workOf(run: () => unknown): number {
  let work = 0
  // Far more than linear time asks for here; the test should not take quadratic time to say so.
  const add = (amount: number) => {
    work += amount
    if (work > 4_000_000) throw new Error('more than linear work')
  }
  const prototype = String.prototype
  const { charCodeAt, indexOf, startsWith, slice, includes } = prototype
  jest.spyOn(prototype, 'charCodeAt').mockImplementation(function (this: string, index) {
    add(1)
    return charCodeAt.call(this, index)
  })
  jest.spyOn(prototype, 'indexOf').mockImplementation(function (this: string, search, from = 0) {
    const found = indexOf.call(this, search, from)
    add((found === -1 ? this.length : found) - from + 1)
    return found
  })
  jest.spyOn(prototype, 'includes').mockImplementation(function (this: string, search, from) {
    add(this.length)
    return includes.call(this, search, from)
  })
  jest.spyOn(prototype, 'startsWith').mockImplementation(function (this: string, search, from) {
    add(1)
    return startsWith.call(this, search, from)
  })
  jest.spyOn(prototype, 'slice').mockImplementation(function (this: string, from, to) {
    const part = slice.call(this, from, to)
    add(part.length)
    return part
  })
  try {
    run()
  } finally {
    jest.restoreAllMocks()
  }
  return work
}

function isPlain(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean'
  if (Array.isArray(value)) return value.every((item) => item !== undefined && isPlain(item))
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every((item) => isPlain(item))
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
