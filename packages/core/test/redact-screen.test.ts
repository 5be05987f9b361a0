import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  ARMOUR,
  ASSIGNMENT,
  AT_SIGN,
  LONG_HEX_RUN,
  LONG_RUN,
  MANY_DIGITS,
  screen,
  SPACE,
} from '../src/redact/text/screen.js'

/** The same as {@link screen} by regular expressions. */
function slowly(text: string): number {
  let found = 0
  if (/\d(?:[ -]*\d){13}/.test(text)) found |= MANY_DIGITS
  for (const [run] of text.matchAll(/[A-Za-z0-9_.-]{16,}/g)) {
    if (/^[A-Fa-f0-9-]{16}/.test(run)) found |= LONG_HEX_RUN
    if (/[^A-Fa-f0-9-]/.test(run)) found |= LONG_RUN
  }
  if (/[:=>]/.test(text)) found |= ASSIGNMENT
  if (text.includes('@')) found |= AT_SIGN
  if (text.includes('-----')) found |= ARMOUR
  return found
}

describe('the screen before the scanners', () => {
  const parts = fc.constantFrom(
    ...'0123456789 -_.aFgZ:@=>é'.split(''),
    '-----',
    '4111 1111 1111',
    'abcdefghijklmno',
    'deadbeefdeadbee',
  )
  const texts = fc.array(parts, { maxLength: 40 }).map((each) => each.join(''))

  it('[CO-6] finds what each scanner looks for, at whatever place', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(screen(text) & ~SPACE).toBe(slowly(text))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['Bearer x', true],
    ['basic x', true],
    ['a plain BASIC x', true],
    ['a bearer', false],
    ['plain words', false],
    [' ', false],
  ])('[CO-6] takes %p for possible credentials: %p', (text, isPossible) => {
    expect((screen(text) & SPACE) !== 0).toBe(isPossible)
  })
})
