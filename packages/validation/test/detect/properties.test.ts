import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { allDetectors } from '../../src/detect/detectors.js'
import { Subject } from '../../src/detect/detector.js'
import { Inspection } from '../../src/detect/inspection.js'
import { resolveDetectThreatsOptions } from '../../src/detect/options.js'
import { SqlLexer } from '../../src/detect/sql/lexer.js'
import { sqlLexings } from '../../src/detect/sql/lexing.js'
import { TokenKind } from '../../src/detect/sql/token.js'
import { sqlGuard, shellGuard } from '../../src/index.js'
import { countWork } from '../count-work.js'
import { pieces } from './pieces.js'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(pieces, { maxLength: 120 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.array(pieces, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 200 }))
    .map(([parts, times]) => parts.join('').repeat(times)),
)

const readAll = (value: string) => {
  const subject = new Subject(value)
  for (const detector of allDetectors) subject.read(detector)
}

describe('properties of detection', () => {
  it('[VA-4] no text makes a detector throw', () => {
    fc.assert(
      fc.property(text, (value) => readAll(value)),
      { numRuns: 1000 },
    )
  })

  it('[VA-4] every detector is pure: the same text gives the same reading', () => {
    fc.assert(
      fc.property(text, (value) => {
        for (const detector of allDetectors) {
          const [first, second] = [new Subject(value).read(detector), new Subject(value).read(detector)]
          expect([second?.points, second?.rule]).toEqual([first?.points, first?.rule])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('[VA-4] what is reported holds nothing of a text but names of tokens', () => {
    const { rules } = resolveDetectThreatsOptions('detectThreats', { detectionLevel: 4 })
    fc.assert(
      fc.property(text, (value) => {
        const inspection = new Inspection(rules)
        inspection.text(value, 'query.q')
        for (const { fingerprint, rule, field } of inspection.findings) {
          expect(fingerprint.length).toBeLessThanOrEqual(40)
          expect(rule).toMatch(/^[a-z-]+$/)
          expect(field).toBe('query.q')
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('[VA-4] no data makes an inspection throw, and its findings are bounded', () => {
    const { rules } = resolveDetectThreatsOptions('detectThreats')
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 6, withNullPrototype: true, withDate: true, withMap: true, withTypedArray: true }),
        (data) => {
          const inspection = new Inspection(rules)
          inspection.data(data, 'body')
          expect(inspection.findings.length).toBeLessThanOrEqual(21)
        },
      ),
    )
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('[VA-4] an inspection survives cycles, depth and width', () => {
    const { rules } = resolveDetectThreatsOptions('detectThreats')
    const cycle: Record<string, unknown> = { a: "it's" }
    cycle['self'] = cycle
    let deep: unknown = 'x'
    for (let depth = 0; depth < 100_000; depth++) deep = [deep]
    const wide = Array.from({ length: 200_000 }, (_, at) => `it's ${at}`)
    for (const data of [cycle, deep, wide]) {
      const inspection = new Inspection(rules)
      inspection.data(data, 'body')
      expect(inspection.findings).toEqual([expect.objectContaining({ kind: 'inspection-limit' })])
    }
  })

  // Each is repeated: if it costs more than its share the second time, something looks at what it has seen.
  const repeated = [
    "'",
    '"',
    '`',
    ']',
    '(',
    ')',
    "' or ",
    "' '",
    "''",
    "\\'",
    '1+',
    '1 or 1=1 ',
    'a,',
    '; ',
    '--',
    '-- ',
    '#',
    '/*',
    '/**/',
    '*/',
    '/*!',
    '1.e',
    '@',
    '@@',
    '$',
    '$$',
    '$a$',
    'union ',
    'union select ',
    "' union ",
    'select ',
    'case when ',
    'in (',
    ',(select ',
    '0x',
    '[',
    '{',
    '{{',
    '${',
    '${lower:',
    '#{',
    '<%',
    '[[',
    '@(',
    '%',
    '%25',
    '%2525',
    '%27',
    '%u0027',
    '%c0',
    '\\',
    '\\u',
    '\\u0027',
    '\\u{',
    '&',
    '&#',
    '&#39;',
    '&lt',
    '\0',
    '\uff1c',
    '<',
    '<a',
    '<a ',
    '<a b="',
    "<a b='",
    '<a b=`',
    '<a/',
    '</',
    '</a ',
    '</a b="',
    '<!',
    '<!-',
    '<!--',
    '<!-- -->',
    '<?',
    '<script',
    '<script>',
    '<style>',
    '<title>',
    '</title',
    '<svg/onload ',
    '<svg onload=',
    'onload=',
    'onerror = ',
    '"onclick=',
    'a=b ',
    'a=',
    'style=',
    'href=',
    'javascript:',
    ':',
    'data:',
    'java\t',
    'expression(',
    '-moz-binding :',
    ': ',
    'alert(',
    'alert (',
    'alert/**/',
    'x=alert ',
    '..',
    '../',
    '....//',
    '..\\',
    '/etc/',
    ';cat ',
    '; cat ',
    '|',
    '&&',
    '`id`',
    '$(',
    '<(',
    '\n',
    '\r\nx:',
    '\nSet-Cookie',
    ')(',
    '*)(',
    '(*)',
    '<!DOCTYPE a [',
    '<!ENTITY ',
    '__proto__',
    'constructor',
    'constructor[',
    "' || ",
    "' && '",
    'this.',
    '+AD',
    '+ADw-',
    '\u00bc',
    '\u00be',
    'A',
    'ab ',
    'aGk=',
    "it's ",
    'a.b ',
    '%a%',
  ]

  it.each(repeated)('[VA-4] the work grows with the length and no faster: %j', (piece) => {
    const work = (length: number) =>
      countWork(() => readAll(piece.repeat(Math.ceil(length / piece.length)).slice(0, length)))
    const small = work(800)
    const large = work(3200)
    expect(large).toBeLessThan(Math.max(small, 20_000) * 4.8)
    expect(large / 3200).toBeLessThan(700)
  })
})

describe('properties of guards', () => {
  const dialects = ['mysql', 'postgresql', 'sqlite', 'mssql', 'oracle'] as const

  it('[VA-5] tokens follow one another without a gap or overlap, whatever the text', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...dialects), (query, dialect) => {
        const lexer = new SqlLexer(query, sqlLexings[dialect])
        let end = 0
        let orderly = true
        while (lexer.next() !== TokenKind.end) {
          orderly &&= lexer.start >= end && lexer.end > lexer.start
          orderly &&= lexer.contentStart >= lexer.start && lexer.contentEnd <= lexer.end
          end = lexer.end
        }
        expect([orderly, end <= query.length]).toEqual([true, true])
      }),
      { numRuns: 1000 },
    )
  })

  it('[VA-5] a value that is escaped as the database wants it always passes', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...dialects), (value, dialect) => {
        const doubled = value.replaceAll("'", "''")
        const literal = `'${dialect === 'mysql' ? doubled.replaceAll('\\', '\\\\') : doubled}'`
        sqlGuard(`SELECT a FROM b WHERE c = ${literal} AND d = 1`, [value.length > 3 ? value : ''], { dialect })
      }),
      { numRuns: 1000 },
    )
  })

  it('[VA-5] a value that is quoted for a POSIX shell always passes', () => {
    fc.assert(
      fc.property(text, (value) => {
        shellGuard(`printf '%s' '${value.replaceAll("'", "'\\''")}'`, [value.length > 6 ? value : ''])
      }),
      { numRuns: 1000 },
    )
  })
})
