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

/** What a character is, apart from where it stands. */
interface Reading {
  readonly letters: string
  readonly kind: Unit['kind']
}

const ascii: readonly Reading[] = /* @__PURE__ */ Array.from({ length: 128 }, (_, code) =>
  readingOf(String.fromCharCode(code).toLowerCase()),
)

/**
 * A text as its readers see it: compatibility forms, case, accents, look-alikes of other scripts and invisible characters are gone
 * (NFKC, UTS #39), digits and signs are also the letters they may stand for. One pass, and each unit knows its place in the text.
 */
export function unitsOf(text: string): Unit[] {
  const units: Unit[] = []
  for (let at = 0; at < text.length;) {
    const code = text.codePointAt(at) as number
    const from = at
    at += code > 0xffff ? 2 : 1
    if (code < 128) {
      append(units, ascii[code] as Reading, from, at)
      continue
    }
    const before = units.at(-1)
    const plain = plainForms(code)
    for (const form of plain) append(units, readingOf(form), from, at)
    // What cannot be seen belongs to what stands before it.
    if (plain.length === 0 && before !== undefined) before.to = at
  }
  return units
}

function append(units: Unit[], { letters, kind }: Reading, from: number, to: number): void {
  const last = units.at(-1)
  if (last !== undefined && last.kind === kind && last.letters === letters && kind !== 'gap') {
    last.count++
    last.to = to
  } else units.push({ letters, kind, count: 1, from, to })
}

function readingOf(plain: string): Reading {
  const leet = leetLetters.get(plain)
  if (leet !== undefined) return { letters: leet, kind: /\d/.test(plain) ? 'digit' : 'sign' }
  if (plain === '*' || plain === '#') return { letters: '', kind: 'hidden' }
  return /[\p{L}\p{N}]/u.test(plain) ? { letters: plain, kind: 'letter' } : { letters: '', kind: 'gap' }
}

/** What was asked about before: a text has the same few again and again. */
const forms = new Map<number, readonly string[]>()
const mostForms = 4_096

function plainForms(code: number): readonly string[] {
  const known = forms.get(code)
  if (known !== undefined) return known
  const plain = readForms(code)
  if (forms.size >= mostForms) forms.clear()
  forms.set(code, plain)
  return plain
}

/** What a character comes down to; nothing for what cannot be seen or only sits on another. */
function readForms(code: number): readonly string[] {
  const enclosed = enclosedLetter(code)
  if (enclosed !== undefined) return [enclosed]
  const bare = String.fromCodePoint(code)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}\u115f\u1160\u3164\uffa0]/gu, '')
  return Array.from(bare, (letter) => lookAlikes.get(letter) ?? letter)
}

/** Letters in brackets, dark circles and squares, and flags' letters, which have no compatibility form of one letter. */
function enclosedLetter(code: number): string | undefined {
  for (const first of [0x249c, 0x1f110, 0x1f150, 0x1f170, 0x1f1e6]) {
    if (code >= first && code < first + 26) return String.fromCharCode(97 + code - first)
  }
  return undefined
}
