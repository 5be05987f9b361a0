import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { inputSanitizer, sanitizeInput, sanitizeJson } from '../../src/index.js'

describe('sanitizeJson', () => {
  it('[VA-2] C7 copies deeply and leaves out what leads to a prototype', () => {
    const input = JSON.parse(
      '{"a":{"__proto__":{"admin":true},"b":[{"constructor":{"prototype":{"x":1}}}]},"c[__proto__][x]":1,"constructor":"Bob"}',
    ) as Record<string, unknown>
    const copy = sanitizeJson(input)
    expect(JSON.stringify(copy)).toBe('{"a":{"b":[{}]},"constructor":"Bob"}')
    expect((copy['a'] as Record<string, unknown>)['admin']).toBeUndefined()
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    expect(copy['a']).not.toBe(input['a'])
    expect(JSON.stringify(input)).toContain('__proto__')
  })

  it('[VA-2] keeps only what JSON knows', () => {
    const date = new Date(0)
    const input = {
      f: () => 1,
      u: undefined,
      s: Symbol('x'),
      n: NaN,
      i: Infinity,
      big: 10n,
      d: date,
      bad: new Date(NaN),
      l: [undefined, 1],
    }
    expect(sanitizeJson(input as unknown)).toEqual({
      n: null,
      i: null,
      big: '10',
      d: date.toISOString(),
      bad: null,
      l: [null, 1],
    })
    expect([sanitizeJson(null), sanitizeJson(true), sanitizeJson('x')]).toEqual([null, true, 'x'])
  })

  it('[VA-2] refuses what is deeper, larger or longer than its bounds, and cycles', () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const refused = expect.objectContaining({ code: 'ERR_VALIDATION_INPUT_LIMIT', status: 400 })
    expect(() => sanitizeJson(cycle)).toThrow(refused)
    expect(() => sanitizeJson({ a: { b: {} } }, { maxDepth: 2 })).toThrow(refused)
    expect(() => sanitizeJson([1, 2, 3], { maxKeys: 2 })).toThrow(refused)
    expect(() => sanitizeJson('abc', { maxStringLength: 2 })).toThrow(refused)
    expect(sanitizeJson({ a: { b: 1 } }, { maxDepth: 2, maxKeys: 2 })).toEqual({ a: { b: 1 } })
  })

  it('[VA-2] drops operators where that is asked for', () => {
    expect(sanitizeJson({ a: { $ne: 1, b: 2 } }, { dropOperators: true })).toEqual({ a: { b: 2 } })
    expect(sanitizeJson({ $ref: 1 })).toEqual({ $ref: 1 })
  })

  it('[VA-2] gives any JSON value back as it was, but for what leads to a prototype', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
        if (JSON.stringify(value).match(/__proto__|constructor/)) return
        expect(JSON.stringify(sanitizeJson(value))).toBe(JSON.stringify(value))
      }),
    )
  })
})

describe('sanitizeInput', () => {
  it('[VA-2] cleans texts everywhere and corrupts none', () => {
    const input = {
      name: "  O'Brien ",
      list: ['1 < 2', 'a\0b\u202ec\u0007d\te\nf', 'e\u0301'],
      n: 5,
      html: '<b>x</b> & y',
    }
    expect(sanitizeInput(input)).toEqual({
      name: "O'Brien",
      list: ['1 < 2', 'abcd\te\nf', '\u00e9'],
      n: 5,
      html: '<b>x</b> & y',
    })
    expect(input.name).toBe("  O'Brien ")
  })

  it('[VA-2] deals with HTML only in the fields that ask for it', () => {
    const clean = inputSanitizer({
      fields: {
        bio: { html: 'basic' },
        'posts.*.title': { html: 'text' },
        'posts.*.code': false,
        quote: { html: 'none' },
      },
    })
    expect(
      clean({
        bio: '<b>x</b><script>y</script>',
        quote: '<b>x</b>',
        posts: [{ title: '<i>1 &lt; 2</i>', code: ' <script> ', other: '<i>' }],
      }),
    ).toEqual({ bio: '<b>x</b>', quote: 'x', posts: [{ title: '1 < 2', code: ' <script> ', other: '<i>' }] })
  })

  it('[VA-2] leaves passwords, secrets and tokens alone, unless a field says otherwise', () => {
    const input = { password: ' a\u0301 ', newPassphrase: ' b ', auth: { clientSecret: ' c ' }, tokens: [' d '] }
    expect(sanitizeInput(input)).toEqual(input)
    expect(sanitizeInput({ token: ' d ' }, { fields: { token: {} } })).toEqual({ token: 'd' })
  })

  it('[VA-2] does only what its options say', () => {
    const text = ' \ufb01\0 '
    expect(sanitizeInput(text, { trim: false })).toBe(' \ufb01 ')
    expect(sanitizeInput(text, { controls: false })).toBe('\ufb01\0')
    expect(sanitizeInput(text, { normalize: 'NFKC' })).toBe('fi')
    expect(sanitizeInput('e\u0301', { normalize: false })).toBe('e\u0301')
    expect(sanitizeInput('<p>a</p>', { html: 'text' })).toBe('a')
    expect(sanitizeInput(text, { trim: undefined, html: undefined, normalize: undefined } as never)).toBe('\ufb01')
  })

  it.each([
    ['trim', { trim: 'yes' }],
    ['controls', { controls: 1 }],
    ['normalize', { normalize: 'NFD' }],
    ['html', { html: 'all' }],
    ['maxDepth', { maxDepth: 0 }],
    ['fields.bio.html', { fields: { bio: { html: 'all' } } }],
    ['fields.bio.bold', { fields: { bio: { bold: true } } }],
    ['field', { field: {} }],
  ])('[VA-2] refuses the option %s at creation', (option, options) => {
    expect(() => inputSanitizer(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
  })

  it('[VA-2] bounds what it copies', () => {
    expect(() => sanitizeInput({ a: { b: { c: 1 } } }, { maxDepth: 2 })).toThrow(
      expect.objectContaining({ code: 'ERR_VALIDATION_INPUT_LIMIT' }),
    )
  })
})
