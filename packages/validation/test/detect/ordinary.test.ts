import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { allDetectors } from '../../src/detect/detectors.js'
import { Subject } from '../../src/detect/detector.js'
import { Innocents } from '../../src/detect/innocents.js'
import { isOrdinary } from '../../src/detect/ordinary.js'
import { loneCommands, plainCommands, wordlyCommands } from '../../src/detect/shell/commands.js'

/** Certainty in points below which no level reports anything. */
const leastPoints = 2

const mostTelling = (text: string): number => {
  const subject = new Subject(text)
  return Math.max(0, ...allDetectors.map((detector) => subject.read(detector)?.points ?? 0))
}

const known = [
  ...plainCommands,
  ...wordlyCommands,
  ...loneCommands,
  ...`select union insert update delete drop table from where and or not null like sleep benchmark waitfor delay exec
  xp-cmdshell information-schema char concat sysdate user version database script alert onerror onload javascript data
  vbscript svg img style import expression constructor prototype proto __proto__ env git svn htaccess aws ssh etc passwd
  shadow hosts proc self environ var log www windows system32 win ini boot web-inf meta-inf id_rsa wp-config php file dev
  tcp null tmp usr local sbin opt home root e 1 0x41 1e5 0 00 c C`.split(/\s+/),
]
const word = fc.oneof(fc.constantFrom(...known), fc.string({ unit: fc.constantFrom(...'abcxyzABZ019'), maxLength: 14 }))
const plain = fc
  .tuple(
    fc.constantFrom('', '/'),
    fc.array(fc.tuple(word, fc.constantFrom('/', '-', '_', '.')), { maxLength: 8 }),
    word,
  )
  .map(([root, parts, last]) => root + parts.flat().join('') + last)

describe('ordinary text', () => {
  it('[VA-4] what is passed without a closer look is nothing to any detector at any level', () => {
    let ordinary = 0
    fc.assert(
      fc.property(plain, (text) => {
        if (!isOrdinary(text)) return
        ordinary += 1
        expect([text, mostTelling(text) < leastPoints]).toEqual([text, true])
      }),
      { numRuns: 20_000 },
    )
    expect(ordinary).toBeGreaterThan(2000)
  })

  it('[VA-4] every word that detectors know is looked at or harmless wherever it stands', () => {
    const places = (one: string, two: string) => [
      `/${one}`,
      one,
      `/${one}/${two}`,
      `${one}/${two}`,
      `${one}-${two}`,
      `${one}_${two}`,
      `${one}.${two}`,
      `/${one}.${two}`,
      `/a/${one}/${two}/b`,
      `/1/${one}`,
    ]
    const overlooked: string[] = []
    for (const one of known) {
      for (const two of known) {
        for (const text of places(one, two)) {
          if (isOrdinary(text) && mostTelling(text) >= leastPoints) overlooked.push(text)
        }
      }
    }
    expect(overlooked).toEqual([])
  })

  it.each([
    '/',
    '/items/4711',
    '/api/v1/projects/2f1c6e0a-6f0e-4d5c-9c0a-0b7f0f7c9f11/documents',
    '/favicon.ico',
    'en',
    '4711',
    '/static/app.3f2a1b.js',
    'b7f0f7c9f11',
  ])('[VA-4] %s needs no closer look', (text) => {
    expect(isOrdinary(text)).toBe(true)
  })

  it.each([
    '/../x',
    '/a/..',
    '//evil',
    '/.env',
    '/.git/config',
    '/etc/passwd',
    '/windows/win.ini',
    '/wp-config.php',
    'a b',
    "o'x",
    '/a%2e',
    '/a;b',
    '__proto__',
    'admin--',
    '/WEB-INF/web.xml',
    '/bin/cat',
    'PHNjcmlwdD5hbGVydCgxKTwv',
    'é',
    '/x?y',
    `/${'a'.repeat(300)}`,
  ])('[VA-4] %s is looked at', (text) => {
    expect(isOrdinary(text)).toBe(false)
  })
})

describe('innocents', () => {
  it('[VA-4] are remembered while they come again, and forgotten in the end', () => {
    const innocents = new Innocents()
    innocents.add('stays')
    innocents.add('goes')
    for (let n = 0; n < 2000; n++) {
      innocents.add(`text ${n}`)
      expect(innocents.has('stays')).toBe(true)
    }
    expect(innocents.has('goes')).toBe(false)
    innocents.add('x'.repeat(1000))
    expect(innocents.has('x'.repeat(1000))).toBe(false)
  })
})
