import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import request from 'supertest'
import {
  checkEmail,
  checkLength,
  checkPagination,
  checkUrl,
  checkUsername,
  schemaOf,
  validate,
  type Check,
} from '../../src/index.js'
import { appOf, versions } from '../apps.js'

const code = (check: Check<unknown>): string => (check.ok ? 'ok' : check.code)

describe('checkEmail', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ["o'brien@Example.COM", "o'brien@example.com"],
    ['Ada.Lovelace+news@mail.example.co.uk', 'Ada.Lovelace+news@mail.example.co.uk'],
    ['  ada@example.com ', 'ada@example.com'],
    ['x@münchen.example', 'x@münchen.example'],
  ])('[VA-3] takes %s', (email, value) => {
    expect(checkEmail(email)).toEqual({ ok: true, value })
  })

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'ada@localhost',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'a..b@example.com',
    '.a@example.com',
    'a@b@example.com',
    '"a b"@example.com',
    'a b@example.com',
    'Ada <ada@example.com>',
    'ada@example.com\r\nBcc: x@example.com',
    'ada@-example.com',
    'ada@example..com',
    'ada\u200b@example.com',
    'ädä@example.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${'b'.repeat(64)}.com`,
    `a@${'b.'.repeat(150)}com`,
    42,
    null,
    undefined,
    ['a@example.com'],
  ])('[VA-3] refuses %j', (email) => {
    expect(checkEmail(email).ok).toBe(false)
  })

  it('[VA-3] goes by its options', () => {
    expect(code(checkEmail('ädä@example.com', { international: true }))).toBe('ok')
    expect(code(checkEmail('a+b@example.com', { tags: false }))).toBe('tag_not_allowed')
    expect(code(checkEmail('a@mail.example.com', { domains: ['Example.com'] }))).toBe('ok')
    expect(code(checkEmail('a@evilexample.com', { domains: ['example.com'] }))).toBe('domain_not_allowed')
    expect(code(checkEmail('a@throwaway.example', { blockedDomains: ['throwaway.example'] }))).toBe(
      'domain_not_allowed',
    )
    expect(() => checkEmail('a', { tags: 1 } as never)).toThrow(expect.objectContaining({ option: 'tags' }))
    expect(() => checkEmail('a', { tag: true } as never)).toThrow(expect.objectContaining({ option: 'tag' }))
  })
})

describe('checkUrl', () => {
  it.each([
    ['https://example.com', 'https://example.com/'],
    ['HTTP://Example.COM:80/a?b=c#d', 'http://example.com/a?b=c#d'],
    ['https://münchen.example/ü', 'https://xn--mnchen-3ya.example/%C3%BC'],
    ['http://localhost:3000/', 'http://localhost:3000/'],
    ['http://[2001:4860:4860::8888]/', 'http://[2001:4860:4860::8888]/'],
    ['http://0x7f.1/', 'http://127.0.0.1/'],
  ])('[VA-3] takes %s as %s', (url, value) => {
    expect(checkUrl(url)).toEqual({ ok: true, value })
  })

  it.each([
    ['example.com', 'invalid_url'],
    ['//example.com', 'invalid_url'],
    ['http:example.com', 'invalid_url'],
    ['http:/example.com', 'invalid_url'],
    ['https:\\\\example.com', 'invalid_url'],
    ['http://exa mple.com', 'invalid_url'],
    ['http://example.com\r\nX: y', 'invalid_url'],
    ['http://exam\tple.com', 'invalid_url'],
    ['javascript:alert(1)', 'invalid_url'],
    ['javascript://example.com/%0aalert(1)', 'protocol_not_allowed'],
    ['ftp://example.com', 'protocol_not_allowed'],
    ['file:///etc/passwd', 'protocol_not_allowed'],
    ['http://user:pass@example.com', 'credentials'],
    ['http://example.com@evil.example', 'credentials'],
    ['http://-example.com/', 'invalid_url'],
    ['http://a..b/', 'invalid_url'],
    ['http://1.2.3.4.5/', 'invalid_url'],
    [`http://example.com/${'a'.repeat(3_000)}`, 'too_long'],
    [5, 'invalid_type'],
  ])('[VA-3] refuses %j: %s', (url, expected) => {
    expect(code(checkUrl(url))).toBe(expected)
  })

  it.each([
    'http://localhost',
    'http://localhost./',
    'http://LOCALHOST',
    'http://api.localhost',
    'http://printer.local',
    'http://metadata.google.internal',
    'http://localhost.localdomain/',
    'http://intranet',
    'http://127.0.0.1',
    'http://127.1',
    'http://2130706433',
    'http://0x7f000001',
    'http://0177.0.0.1',
    'http://10.1.2.3',
    'http://172.16.0.1',
    'http://192.168.0.1',
    'http://169.254.169.254',
    'http://100.64.0.1',
    'http://0.0.0.0',
    'http://[::1]',
    'http://[::]',
    'http://[::ffff:127.0.0.1]',
    'http://[fd00::1]',
    'http://[fe80::1]',
    'http://[64:ff9b::7f00:1]',
    'http://\u2460\u2461\u2466.0.0.1',
  ])('[VA-3] refuses an address inside on request: %s', (url) => {
    expect(code(checkUrl(url))).toBe('ok')
    expect(code(checkUrl(url, { privateAddresses: 'refuse' }))).toBe('private_address')
  })

  it('[VA-3] goes by its options', () => {
    expect(code(checkUrl('https://8.8.8.8/', { privateAddresses: 'refuse' }))).toBe('ok')
    expect(code(checkUrl('ftp://example.com', { protocols: ['ftp'] }))).toBe('ok')
    expect(code(checkUrl('https://cdn.example.com/', { hosts: ['example.com'] }))).toBe('ok')
    expect(code(checkUrl('https://evilexample.com/', { hosts: ['example.com'] }))).toBe('host_not_allowed')
    for (const [option, options] of [
      ['protocols', { protocols: [] }],
      ['protocols', { protocols: ['http:'] }],
      ['privateAddresses', { privateAddresses: 'no' }],
      ['maxLength', { maxLength: 0 }],
      ['host', { host: 'x' }],
    ] as const) {
      expect(() => checkUrl('https://example.com', options as never)).toThrow(expect.objectContaining({ option }))
    }
  })
})

describe('checkUsername', () => {
  it.each(['ada', 'Ada_Lovelace', 'a.b-c_d', 'x99', 'administratorin'])('[VA-3] takes %s', (name) => {
    expect(checkUsername(name)).toEqual({ ok: true, value: name.toLowerCase() })
  })

  it.each([
    ['ab', 'too_short'],
    ['a'.repeat(31), 'too_long'],
    ['_ada', 'invalid_username'],
    ['ada.', 'invalid_username'],
    ['a..b', 'invalid_username'],
    ['ada lovelace', 'invalid_username'],
    ['аda', 'invalid_username'],
    ['ada@x', 'invalid_username'],
    ['12345', 'invalid_username'],
    ['Admin', 'reserved'],
    ['a.d.m.i.n', 'reserved'],
    ['support', 'reserved'],
    [7, 'invalid_type'],
  ])('[VA-3] refuses %j: %s', (name, expected) => {
    expect(code(checkUsername(name))).toBe(expected)
  })

  it('[VA-3] goes by its options', () => {
    expect(code(checkUsername('ab', { min: 2 }))).toBe('ok')
    expect(code(checkUsername('hardening', { reserved: ['Hardening'] }))).toBe('reserved')
    expect(() => checkUsername('x', { min: 5, max: 4 })).toThrow(expect.objectContaining({ option: 'max' }))
  })
})

describe('checkLength', () => {
  it('[VA-3] counts characters, not units', () => {
    expect(code(checkLength('😀😀', { max: 2 }))).toBe('ok')
    expect(code(checkLength('😀😀😀', { max: 2 }))).toBe('too_long')
    expect(code(checkLength('', {}))).toBe('too_short')
    expect(code(checkLength('😀', { min: 2 }))).toBe('too_short')
    expect(code(checkLength(5))).toBe('invalid_type')
    expect(code(checkLength('a'.repeat(1_000)))).toBe('ok')
    expect(code(checkLength('a'.repeat(1_001)))).toBe('too_long')
    expect(() => checkLength('a', { max: 0 })).toThrow(expect.objectContaining({ option: 'max' }))
  })
})

describe('checkPagination', () => {
  it.each([
    [{}, { limit: 20, offset: 0 }],
    [{ limit: '1' }, { limit: 1, offset: 0 }],
    [
      { limit: '100', offset: '0' },
      { limit: 100, offset: 0 },
    ],
    [
      { limit: 5, offset: 1_000_000 },
      { limit: 5, offset: 1_000_000 },
    ],
    [{ page: '1' }, { limit: 20, offset: 0 }],
    [
      { page: '3', perPage: '10' },
      { limit: 10, offset: 20 },
    ],
    [null, { limit: 20, offset: 0 }],
  ])('[VA-3] reads %j', (query, value) => {
    expect(checkPagination(query)).toEqual({ ok: true, value })
  })

  it.each([
    [{ limit: '0' }, 'invalid_limit'],
    [{ limit: '101' }, 'invalid_limit'],
    [{ limit: '-1' }, 'invalid_limit'],
    [{ limit: '1.5' }, 'invalid_limit'],
    [{ limit: '1e2' }, 'invalid_limit'],
    [{ limit: '' }, 'invalid_limit'],
    [{ limit: ['1', '2'] }, 'invalid_limit'],
    [{ limit: { $gt: '' } }, 'invalid_limit'],
    [{ offset: '-1' }, 'invalid_offset'],
    [{ offset: '1000001' }, 'invalid_offset'],
    [{ page: '0' }, 'invalid_page'],
    [{ page: '50002' }, 'invalid_page'],
    [{ perPage: '101' }, 'invalid_limit'],
    [{ page: '1', offset: '0' }, 'invalid_pagination'],
  ])('[VA-3] refuses %j: %s', (query, expected) => {
    expect(code(checkPagination(query))).toBe(expected)
  })

  it('[VA-3] goes by its options', () => {
    expect(checkPagination({}, { maxLimit: 10 })).toEqual({ ok: true, value: { limit: 10, offset: 0 } })
    expect(checkPagination({}, { defaultLimit: 50 })).toEqual({ ok: true, value: { limit: 50, offset: 0 } })
    expect(() => checkPagination({}, { defaultLimit: 101 })).toThrow(
      expect.objectContaining({ option: 'defaultLimit' }),
    )
    expect(() => checkPagination({}, { maxOffset: -1 })).toThrow(expect.objectContaining({ option: 'maxOffset' }))
  })
})

describe('validators', () => {
  it('[VA-3] none of them fails on anything', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.anything())
    fc.assert(
      fc.property(anything, (value) => {
        for (const check of [checkEmail, checkUrl, checkUsername, checkLength, checkPagination]) {
          expect(typeof check(value).ok).toBe('boolean')
        }
      }),
      { numRuns: 500 },
    )
  })

  it.each(versions)('[VA-3] stand as schemas in validate(), %s', async (_name, express) => {
    const app = appOf(express, (app) => {
      const check = validate({
        query: schemaOf((query) => checkPagination(query)),
        body: schemaOf(async (body) => checkEmail(body)),
      })
      app.post('/', express.json({ strict: false }), check, (req, res) => void res.json([req.query, req.body]))
    })
    const post = (url: string, body: string) =>
      request(app).post(url).set('content-type', 'application/json').send(JSON.stringify(body))
    expect((await post('/?limit=5', 'Ada@EXAMPLE.com')).body).toEqual([{ limit: 5, offset: 0 }, 'Ada@example.com'])
    expect((await post('/?limit=500', 'nobody')).body.errors).toEqual([
      { in: 'query', pointer: '#/limit', code: 'invalid_limit', detail: 'must be a whole number from 1 to 100' },
      { in: 'body', pointer: '#', code: 'invalid_email', detail: 'must be an e-mail address such as name@example.com' },
    ])
  })
})
