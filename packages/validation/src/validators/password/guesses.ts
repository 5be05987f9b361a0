import { isDate, longestWord, reversed, runLength, walkLength, withoutLeet, wordRank } from './common-password.js'

/** Characters of a password that are looked at: beyond them it can only be stronger, and the work stays bounded. */
export const analysedLength = 64

interface Piece {
  readonly from: number
  readonly to: number
  /** Decimal logarithm of the guesses it takes. */
  readonly cost: number
}

/**
 * Decimal logarithm of the guesses that it takes to find a password, for somebody who tries words, names of the context, walks,
 * runs, repeats and dates before all combinations: the cheapest way to put it together of such pieces and single characters.
 */
export function guessesLog10(password: string, context: readonly string[]): number {
  const text = password.slice(0, analysedLength)
  const pieces = piecesOf(lowerOf(text), text, new Set(context))
  const best: number[] = [0]
  for (let to = 1; to <= text.length; to++) {
    // A single character costs a factor of ten: fewer than there are, for nobody picks them evenly.
    best[to] = (best[to - 1] as number) + 1
    for (const piece of pieces[to] ?? []) {
      best[to] = Math.min(best[to] as number, (best[piece.from] as number) + piece.cost)
    }
  }
  return best[text.length] as number
}

/** In lower case where that keeps every place: a few letters become two. */
function lowerOf(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text
}

/** The pieces that can be seen in a text, by where they end. */
function piecesOf(lower: string, text: string, context: ReadonlySet<string>): Piece[][] {
  const pieces: Piece[][] = []
  const add = (from: number, to: number, cost: number): void => void (pieces[to] ??= []).push({ from, to, cost })
  const plain = withoutLeet(lower)
  const backwards = reversed(lower)
  for (let from = 0; from < lower.length - 2; from++) {
    for (let to = Math.min(lower.length, from + longestWord); to >= from + 3; to--) {
      const part = lower.slice(from, to)
      const unleet = plain.slice(from, to)
      if (context.has(part) || context.has(unleet)) add(from, to, 0.5)
      const rank = wordRank(part) ?? wordRank(backwards.slice(lower.length - to, lower.length - from))
      if (rank !== undefined) add(from, to, Math.log10(rank + 1) + caseCost(text.slice(from, to)))
      const leetRank = unleet === part ? undefined : wordRank(unleet)
      if (leetRank !== undefined) add(from, to, Math.log10(leetRank + 1) + caseCost(text.slice(from, to)) + 0.5)
    }
    const run = Math.max(runLength(lower, from), walkLength(lower, from))
    if (run > 2) add(from, from + run, 1 + Math.log10(run))
    if (isDigit(lower.charCodeAt(from))) addDates(lower, from, add)
    addRepeats(lower, from, add)
  }
  return pieces
}

function addDates(text: string, from: number, add: (from: number, to: number, cost: number) => void): void {
  for (const size of [6, 7, 8, 9, 10]) {
    if (from + size <= text.length && isDate(text.slice(from, from + size))) add(from, from + size, 4.5)
  }
  if (/^(?:19|20)\d\d/.test(text.slice(from, from + 4))) add(from, from + 4, 2)
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** First or all letters as capitals are tried at once, other ways cost a little. */
function caseCost(written: string): number {
  const lower = written.toLowerCase()
  if (written === lower) return 0
  return written === written.toUpperCase() || written.slice(1) === lower.slice(1) ? 0.3 : 1
}

/** A block that comes again and again costs what it costs once, and how often. */
function addRepeats(text: string, from: number, add: (from: number, to: number, cost: number) => void): void {
  for (let size = 1; size <= Math.min(16, (text.length - from) / 2); size++) {
    if (text.charCodeAt(from) !== text.charCodeAt(from + size)) continue
    const block = text.slice(from, from + size)
    let to = from + size
    while (text.startsWith(block, to)) to += size
    const times = (to - from) / size
    if (times > 1 && to - from > 2) add(from, to, size + Math.log10(times))
  }
}
