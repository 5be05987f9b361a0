import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRandomIds, createRequestId, isValidRequestId, systemIds } from '../src/random-ids.js'
import {
  childTraceContext,
  continueTrace,
  createTraceContext,
  formatTraceparent,
  parseTraceparent,
  RANDOM_FLAG,
  SAMPLED_FLAG,
} from '../src/trace-context.js'
import { parseTracestate } from '../src/tracestate.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const VALID = `00-${TRACE}-${SPAN}-01`

describe('traceparent', () => {
  const valid: [name: string, header: string, flags: number][] = [
    ['version 00, sampled', VALID, 1],
    ['version 00, not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['the random flag of level 2', `00-${TRACE}-${SPAN}-02`, 2],
    ['sampled and random', `00-${TRACE}-${SPAN}-03`, 3],
    ['flags without a meaning are cleared', `00-${TRACE}-${SPAN}-ff`, 3],
    ['only unknown flags', `00-${TRACE}-${SPAN}-fc`, 0],
    ['a trace id of mostly zeros', `00-${'0'.repeat(31)}1-${SPAN}-01`, 1],
    ['a parent id of mostly zeros', `00-${TRACE}-${'0'.repeat(15)}1-01`, 1],
    ['a later version of the same length', `01-${TRACE}-${SPAN}-01`, 1],
    ['the last version', `fe-${TRACE}-${SPAN}-01`, 1],
    ['a later version with one more field', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, 1],
    ['a later version that ends in a hyphen', `cc-${TRACE}-${SPAN}-01-`, 1],
    ['a later version whose further field is upper-case', `cc-${TRACE}-${SPAN}-00-ABC.`, 0],
    ['version 0f is later', `0f-${TRACE}-${SPAN}-01-x`, 1],
  ]
  it.each(valid)('[CO-2] E9 traceparent accepted: %s', (_name, header, flags) => {
    const read = { traceId: header.slice(3, 35), parentId: header.slice(36, 52), flags }
    expect(parseTraceparent(header)).toEqual(read)
    const context = continueTrace(header, undefined)
    expect(context).toMatchObject({ ...read, tracestate: '' })
    expect(context.spanId).toMatch(/^[0-9a-f]{16}$/)
    expect(context.spanId).not.toBe(context.parentId)
  })

  const invalid: [name: string, header: unknown][] = [
    ['no header', undefined],
    ['an empty header', ''],
    ['a list of headers', [VALID]],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['version ff with more', `ff-${TRACE}-${SPAN}-01-x`],
    ['an upper-case version', `CC-${TRACE}-${SPAN}-01`],
    ['a version of one digit', `0-${TRACE}-${SPAN}-01-`],
    ['a version of three digits', `000-${TRACE}-${SPAN}-01`],
    ['a version that is no hexadecimal', `.0-${TRACE}-${SPAN}-01`],
    ['a version with a space', ` 0-${TRACE}-${SPAN}-01`],
    ['version 00 with a further field', `${VALID}-what-the-future-will-be-like`],
    ['version 00 with a hyphen behind', `${VALID}-`],
    ['version 00 with a dot behind', `${VALID}.`],
    ['version 00 with a line feed behind', `${VALID}\n`],
    ['version 00 with spaces around', ` ${VALID} `],
    ['a later version with a dot behind', `cc-${TRACE}-${SPAN}-01.what`],
    ['a later version with longer flags', `cc-${TRACE}-${SPAN}-012`],
    ['two headers that were joined', `${VALID}, ${VALID}`],
    ['two headers of a later version that were joined', `cc-${TRACE}-${SPAN}-01, cc-${TRACE}-${SPAN}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a trace id of zeros in a later version', `cc-${'0'.repeat(32)}-${SPAN}-01`],
    ['an upper-case trace id', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace id that is no hexadecimal', `00-.${TRACE.slice(1)}-${SPAN}-01`],
    ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
    ['a long trace id', `00-${TRACE}0-${SPAN}-01`],
    ['a parent id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['an upper-case parent id', `00-${TRACE}-${SPAN.toUpperCase()}-01`],
    ['a parent id that is no hexadecimal', `00-${TRACE}-${SPAN.slice(1)}.-01`],
    ['a short parent id', `00-${TRACE}-${SPAN.slice(1)}-01`],
    ['a long parent id', `00-${TRACE}-${SPAN}0-01`],
    ['upper-case flags', `00-${TRACE}-${SPAN}-0A`],
    ['flags that are no hexadecimal', `00-${TRACE}-${SPAN}-.0`],
    ['flags of one digit', `00-${TRACE}-${SPAN}-1`],
    ['flags of three digits', `00-${TRACE}-${SPAN}-001`],
    ['no flags', `00-${TRACE}-${SPAN}`],
    ['other separators', VALID.replaceAll('-', '_')],
    ['full-width digits', `00-${TRACE}-${SPAN}-\uff10\uff11`],
    ['a very long header', `00-${'a'.repeat(100_000)}`],
  ]
  it.each(invalid)('[CO-2] E9 traceparent refused: %s', (_name, header) => {
    expect(parseTraceparent(header)).toBeUndefined()
    const context = continueTrace(header, 'rojo=1')
    expect(context.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(context).toMatchObject({ parentId: undefined, flags: RANDOM_FLAG, tracestate: '' })
  })

  it('[CO-2] a valid traceparent without tracestate continues the trace', () => {
    expect(continueTrace(VALID, undefined)).toMatchObject({ traceId: TRACE, parentId: SPAN, tracestate: '' })
  })

  it('[CO-2] a valid traceparent keeps its tracestate', () => {
    expect(continueTrace(VALID, ['rojo=1', 'congo=2']).tracestate).toBe('rojo=1,congo=2')
  })

  it('[CO-2] an invalid tracestate leaves a valid traceparent as it is', () => {
    expect(continueTrace(VALID, 'Rojo=1')).toMatchObject({ traceId: TRACE, tracestate: '' })
  })

  it('[CO-2] what is sent on is version 00 with our span as the parent', () => {
    const context = continueTrace(`cc-${TRACE}-${SPAN}-ff-more`, undefined)
    expect(formatTraceparent(context)).toBe(`00-${TRACE}-${context.spanId}-03`)
  })

  it('[CO-2] a child span keeps trace, flags and state and has a span id of its own', () => {
    const context = continueTrace(VALID, 'rojo=1')
    const child = childTraceContext(context)
    expect(child).toMatchObject({ traceId: TRACE, parentId: context.spanId, flags: 1, tracestate: 'rojo=1' })
    expect(child.spanId).toMatch(/^[0-9a-f]{16}$/)
    expect(child.spanId).not.toBe(context.spanId)
  })

  it('[CO-2] a new trace says that its id is random and that nobody asked for it to be recorded', () => {
    const context = createTraceContext()
    expect(context.flags & RANDOM_FLAG).toBe(RANDOM_FLAG)
    expect(context.flags & SAMPLED_FLAG).toBe(0)
    expect(formatTraceparent(context)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-02$/)
  })

  it('[CO-2] every context that is formatted is read back (property)', () => {
    const hex = (length: number) =>
      fc
        .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
        .map((digits) => digits.join(''))
        .filter((id) => !/^0+$/.test(id))
    fc.assert(
      fc.property(hex(32), hex(16), fc.nat(3), (traceId, spanId, flags) => {
        const read = parseTraceparent(formatTraceparent({ traceId, spanId, flags }))
        expect(read).toMatchObject({ traceId, parentId: spanId, flags })
      }),
    )
  })

  it('[CO-2] one changed character is noticed wherever it stands (property)', () => {
    fc.assert(
      fc.property(fc.nat(VALID.length - 1), fc.constantFrom('A', 'g', ' ', '.', '\n', '\u00e9'), (index, character) => {
        const header = VALID.slice(0, index) + character + VALID.slice(index + 1)
        expect(parseTraceparent(header)).toBeUndefined()
      }),
    )
  })
})

describe('tracestate', () => {
  const long = (length: number, character = 'z') => character.repeat(length)
  const members = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=v`).join(',')

  const accepted: [name: string, headers: string | string[], expected: string][] = [
    ['one member', 'foo=1', 'foo=1'],
    ['two members', 'foo=1,bar=2', 'foo=1,bar=2'],
    ['two headers in their order', ['foo=1', 'bar=2'], 'foo=1,bar=2'],
    ['spaces and tabs around members', ' foo=1 \t , \t bar=2, \t baz=3 ', 'foo=1,bar=2,baz=3'],
    ['empty members', 'foo=1,,bar=2, ,', 'foo=1,bar=2'],
    ['an empty header beside another', ['', 'foo=1'], 'foo=1'],
    [
      'every character of a key',
      'abcdefghijklmnopqrstuvwxyz0123456789_-*/@=1',
      'abcdefghijklmnopqrstuvwxyz0123456789_-*/@=1',
    ],
    ['a key that begins with a digit (level 2)', '0foo=1', '0foo=1'],
    ['a key with several at signs (level 2)', 'a@b@c=1', 'a@b@c=1'],
    ['a key of 256 characters', `${long(256)}=1`, `${long(256)}=1`],
    ['a value of 256 characters', `foo=${long(256)}`, `foo=${long(256)}`],
    ['a value of punctuation', 'foo=!"#$%&\'()*+-./:;<>?@[\\]^_`{|}~', 'foo=!"#$%&\'()*+-./:;<>?@[\\]^_`{|}~'],
    ['spaces that lead in a value or stand inside it', 'foo= a b ', 'foo= a b'],
    ['32 members', members(32), members(32)],
    ['of one key only the first', 'foo=1,bar=2,foo=3', 'foo=1,bar=2'],
    ['of one key in two headers only the first', ['foo=1', 'foo=1'], 'foo=1'],
  ]
  it.each(accepted)('[CO-2] tracestate accepted: %s', (_name, headers, expected) => {
    expect(parseTracestate(headers)).toBe(expected)
  })

  const dropped: [name: string, headers: string | string[] | undefined][] = [
    ['no header', undefined],
    ['an empty header', ''],
    ['no headers', []],
    ['only separators', ', ,\t,'],
    ['a member without a value', 'foo'],
    ['an empty value', 'foo='],
    ['a value of spaces', 'foo=   '],
    ['an empty key', '=1'],
    ['a space behind the key', 'foo =1'],
    ['an upper-case key', 'FOO=1'],
    ['a dot in a key', 'foo.bar=1'],
    ['a key that begins with an at sign', '@foo=1'],
    ['a key that begins with a hyphen', '-foo=1'],
    ['a key that begins with an underscore', '_foo=1'],
    ['a second equals sign', 'foo=bar=baz'],
    ['a semicolon as separator', 'foo=1;bar=2'],
    ['a tab inside a value', 'foo=a\tb'],
    ['a line feed', 'foo=1\n'],
    ['a letter beyond ASCII', 'foo=\u00e9'],
    ['a no-break space around', '\u00a0foo=1'],
    ['a key of 257 characters', `${long(257)}=1`],
    ['a value of 257 characters', `foo=${long(257)}`],
    ['33 members', members(33)],
    ['33 members in two headers', [members(32), 'more=1']],
    ['33 members of which one is there twice', `k0=w,${members(32)}`],
    ['one invalid member among valid ones', 'foo=1,b\u00e4r=2,baz=3'],
  ]
  it.each(dropped)('[CO-2] tracestate dropped as a whole: %s', (_name, headers) => {
    expect(parseTracestate(headers)).toBe('')
  })

  it('[CO-2] a tracestate that is too long for a request head loses its long members from the end first', () => {
    const longMembers = Array.from({ length: 16 }, (_, index) => `l${String(index).padStart(2, '0')}=${long(256)}`)
    const headers = longMembers.flatMap((member, index) => [member, `s${index}=1`]).join(',')
    const kept = parseTracestate(headers).split(',')
    expect(kept.join(',').length).toBeLessThanOrEqual(4096)
    expect(kept.filter((member) => member.startsWith('s'))).toHaveLength(16)
    expect(kept.filter((member) => member.startsWith('l'))).toEqual(longMembers.slice(0, 15))
  })

  it('[CO-2] a tracestate of short members that is too long loses its last ones', () => {
    const all = Array.from({ length: 32 }, (_, index) => `k${String(index).padStart(2, '0')}=${long(124)}`)
    expect(parseTracestate(all)).toBe(all.slice(0, -1).join(','))
  })

  it('[CO-2] what was read once is read the same again, whatever it was (property)', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab0_@=, \t.A~'), maxLength: 60 })
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), (headers) => {
        const once = parseTracestate(headers)
        expect(parseTracestate(once)).toBe(once)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('ids', () => {
  it('[CO-2] ids are lower-case hexadecimal of the right length and differ over many fillings of the pool', () => {
    const seen = new Set<string>()
    for (let index = 0; index < 2000; index++) {
      const { traceId, spanId } = createTraceContext()
      const requestId = createRequestId()
      expect(traceId).toMatch(/^[0-9a-f]{32}$/)
      expect(spanId).toMatch(/^[0-9a-f]{16}$/)
      expect(requestId).toMatch(/^[0-9a-f]{32}$/)
      seen.add(traceId).add(spanId).add(requestId)
    }
    expect(seen.size).toBe(6000)
  })

  it('[CO-2] the bytes of the pool are used once and in order, with one call for many ids', () => {
    let calls = 0
    const ids = createRandomIds((bytes) => {
      calls++
      for (let index = 0; index < bytes.length; index++) bytes[index] = (index + calls) & 0xff
    })
    expect(ids.traceId()).toBe('0102030405060708090a0b0c0d0e0f10')
    expect(ids.spanId()).toBe('1112131415161718')
    expect(ids.requestId()).toBe('191a1b1c1d1e1f202122232425262728')
    for (let index = 0; index < 100; index++) ids.requestId()
    expect(calls).toBe(1)
  })

  it('[CO-2] not even a generator that gives zeros makes an invalid id', () => {
    const ids = createRandomIds((bytes) => bytes.fill(0))
    expect(parseTraceparent(formatTraceparent(createTraceContext(ids)))).toBeDefined()
  })

  it('[CO-2] the default ids come from the system', () => {
    expect(systemIds.traceId()).not.toBe(systemIds.traceId())
    expect(systemIds.spanId()).not.toBe(systemIds.spanId())
  })

  it.each(['a', 'A-Z_0.9', createRequestId(), '6f6a1f0e-6b1e-4a55-9f3c-0d7a3c6f1b11', 'x'.repeat(128)])(
    '[CO-2] request id kept: %s',
    (id) => {
      expect(isValidRequestId(id)).toBe(true)
    },
  )

  it.each([
    '',
    'x'.repeat(129),
    'a b',
    'a\n',
    '\r\na',
    'a\u2028',
    'a,b',
    'a;b',
    'a/b',
    'a"b',
    '<b>',
    '%0a',
    '\u00e9',
    undefined,
    null,
    7,
    ['a'],
  ])('[CO-2] request id refused: %j', (id) => {
    expect(isValidRequestId(id)).toBe(false)
  })
})
