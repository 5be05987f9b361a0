import { isDate, isRun, isWalk, withoutLeet, wordRank } from './common-password.js'

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
  const pieces = piecesOf(text.toLowerCase(), text, context)
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

/** The pieces that can be seen in a text, by where they end. */
function piecesOf(lower: string, text: string, context: readonly string[]): Piece[][] {
  const pieces: Piece[][] = []
  const plain = withoutLeet(lower)
  for (let from = 0; from < lower.length; from++) {
    for (let to = Math.min(lower.length, from + 20); to >= from + 3; to--) {
      const cost = costOf(lower.slice(from, to), plain.slice(from, to), text.slice(from, to), context)
      if (cost !== undefined) (pieces[to] ??= []).push({ from, to, cost })
    }
    addRepeats(lower, from, pieces)
  }
  return pieces
}

function costOf(part: string, plain: string, written: string, context: readonly string[]): number | undefined {
  if (context.includes(part) || context.includes(plain)) return 0.5
  const rank = wordRank(part) ?? wordRank([...part].reverse().join(''))
  if (rank !== undefined) return Math.log10(rank + 1) + caseCost(written)
  const leetRank = wordRank(plain)
  if (leetRank !== undefined) return Math.log10(leetRank + 1) + caseCost(written) + 0.5
  if (isRun(part) || isWalk(part)) return 1 + Math.log10(part.length)
  if (isDate(part)) return 4.5
  if (part.length === 4 && /^(?:19|20)\d\d$/.test(part)) return 2
  return undefined
}

/** First or all letters as capitals are tried at once, other ways cost a little. */
function caseCost(written: string): number {
  const lower = written.toLowerCase()
  if (written === lower) return 0
  return written === written.toUpperCase() || written.slice(1) === lower.slice(1) ? 0.3 : 1
}

/** A block that comes again and again costs what it costs once, and how often. */
function addRepeats(text: string, from: number, pieces: Piece[][]): void {
  for (let size = 1; size <= Math.min(16, (text.length - from) / 2); size++) {
    const block = text.slice(from, from + size)
    let to = from + size
    while (text.startsWith(block, to)) to += size
    const times = (to - from) / size
    if (times > 1 && to - from > 2) (pieces[to] ??= []).push({ from, to, cost: size + Math.log10(times) })
  }
}
