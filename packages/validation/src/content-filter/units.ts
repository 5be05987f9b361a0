import { leetLetters, lookAlikes } from './look-alikes.js'

/** One letter of a text as a reader sees it, or what stands between letters; a run of the same counts as one. */
export interface Unit {
  /** What it can be read as: one letter, or for leet several; empty for what is no letter. */
  readonly letters: string
  readonly kind: 'letter' | 'digit' | 'sign' | 'hidden' | 'gap'
  /** How often it comes in a row. */
  count: number
  /** Where it stands in the text, in UTF-16 units. */
  readonly from: number
  to: number
}

/**
 * A text as its readers see it: compatibility forms, case, accents, look-alikes of other scripts and invisible characters are gone
 * (NFKC, UTS #39), digits and signs are also the letters they may stand for. One pass, and each unit knows its place in the text.
 */
export function unitsOf(text: string): Unit[] {
  const units: Unit[] = []
  let at = 0
  for (const character of text) {
    const from = at
    at += character.length
    const before = units.at(-1)
    let seen = false
    for (const plain of plainForms(character)) {
      append(units, plain, from, at)
      seen = true
    }
    // What cannot be seen belongs to what stands before it.
    if (!seen && before !== undefined) before.to = at
  }
  return units
}

function append(units: Unit[], plain: string, from: number, to: number): void {
  const last = units.at(-1)
  const unit = unitOf(plain, from, to)
  if (last !== undefined && last.kind === unit.kind && last.letters === unit.letters && unit.kind !== 'gap') {
    last.count++
    last.to = to
  } else units.push(unit)
}

function unitOf(plain: string, from: number, to: number): Unit {
  const leet = leetLetters.get(plain)
  if (leet !== undefined) return { letters: leet, kind: /\d/.test(plain) ? 'digit' : 'sign', count: 1, from, to }
  if (plain === '*' || plain === '#') return { letters: '', kind: 'hidden', count: 1, from, to }
  if (/[\p{L}\p{N}]/u.test(plain)) return { letters: plain, kind: 'letter', count: 1, from, to }
  return { letters: '', kind: 'gap', count: 1, from, to }
}

/** What a character comes down to; nothing for what cannot be seen or only sits on another. */
function plainForms(character: string): Iterable<string> {
  const code = character.codePointAt(0) as number
  if (code < 128) return code >= 65 && code <= 90 ? character.toLowerCase() : character
  const enclosed = enclosedLetter(code)
  if (enclosed !== undefined) return enclosed
  const bare = character
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}\u115f\u1160\u3164\uffa0]/gu, '')
  return Array.from(bare, (letter) => lookAlikes.get(letter) ?? letter)
}

/** Letters in dark circles and squares, and flags' letters, which have no compatibility form. */
function enclosedLetter(code: number): string | undefined {
  for (const first of [0x1f150, 0x1f170, 0x1f1e6]) {
    if (code >= first && code < first + 26) return String.fromCharCode(97 + code - first)
  }
  return undefined
}
