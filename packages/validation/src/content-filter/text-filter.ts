import { booleanOption, ConfigError, rejectUnknownOptions } from '@hardening/core'
import { contentWords, innocentWords } from './content-words.js'
import { WordMatcher, type WordMatch } from './word-matcher.js'

/** What {@link textFilter} may be given. */
export interface TextFilterOptions {
  /**
   * Words that must not stand in a text, as whole words; one that ends in `*` also with more letters behind it: `['darn', 'heck*']`.
   *
   * @defaultValue a short list of English insults
   */
  words?: readonly string[]
  /** Words that pass whatever the list says. @defaultValue none */
  allow?: readonly string[]
  /** Further patterns by name, such as those of {@link contentPatterns}. Yours must be linear. @defaultValue none */
  patterns?: Readonly<Record<string, RegExp>>
  /** Whether white space within a find stays. @defaultValue `true` */
  keepSpaces?: boolean
}

/** What was found in a text. Holds no part of it. */
export interface TextViolation {
  /** The entry of the list, or the name of the pattern. */
  readonly rule: string
  readonly kind: 'word' | 'pattern'
  readonly from: number
  readonly to: number
}

/** A filter made of words and patterns. */
export interface TextFilter {
  /** What stands in a text that must not, in its order. */
  find(text: string): TextViolation[]
  /** The text with asterisks in place of what must not stand in it. */
  mask(text: string): string
}

/**
 * A filter for texts that people write for others. It sees through case, accents, look-alike letters, leet (`5h1t`), letters set apart,
 * drawn out or starred (`s h i t`, `shiiit`, `sh*t`); it leaves alone innocent words that contain one (Scunthorpe, assassin).
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work.
 */
export function textFilter(options: TextFilterOptions = {}): TextFilter {
  return makeTextFilter('textFilter', options)
}

export const textFilterOptionNames: readonly (keyof TextFilterOptions)[] = ['words', 'allow', 'patterns', 'keepSpaces']

export function makeTextFilter(factory: string, options: TextFilterOptions): TextFilter {
  rejectUnknownOptions(factory, options, textFilterOptionNames)
  const { words = contentWords, allow = [], patterns = {}, keepSpaces = true } = options
  for (const word of [...words, ...allow]) checkWord(factory, word)
  booleanOption(factory, 'keepSpaces', keepSpaces)
  const matcher = new WordMatcher(words)
  const passing = words === contentWords ? [...innocentWords, ...allow] : allow
  const allowed = new WordMatcher(passing)
  const named = Object.entries(patterns).map(([rule, pattern]) => ({ rule, pattern: globalOf(factory, rule, pattern) }))

  const find = (text: string): TextViolation[] => {
    const found = matcher.find(text)
    const passes = found.length === 0 || passing.length === 0 ? [] : allowed.find(text)
    const violations: TextViolation[] = outside(found, passes).map(({ word, from, to }) => ({
      rule: word,
      kind: 'word',
      from,
      to,
    }))
    for (const { rule, pattern } of named) {
      for (const match of text.matchAll(pattern)) {
        if (match[0] !== '')
          violations.push({ rule, kind: 'pattern', from: match.index, to: match.index + match[0].length })
      }
    }
    return violations.sort((a, b) => a.from - b.from)
  }

  return {
    find,
    mask: (text) => maskSpans(text, find(text), keepSpaces),
  }
}

/** The matches that lie in none of the others, in one walk over both. */
function outside(matches: readonly WordMatch[], others: readonly WordMatch[]): readonly WordMatch[] {
  if (others.length === 0) return matches
  const inOrder = others.toSorted((one, other) => one.from - other.from)
  let next = 0
  let reached = -1
  return matches
    .toSorted((one, other) => one.from - other.from)
    .filter(({ from, to }) => {
      for (; next < inOrder.length && (inOrder[next] as WordMatch).from <= from; next++) {
        reached = Math.max(reached, (inOrder[next] as WordMatch).to)
      }
      return to > reached
    })
}

/** Stars in place of each character of the spans, which are in order and may overlap. */
export function maskSpans(
  text: string,
  spans: readonly { readonly from: number; readonly to: number }[],
  keepSpaces: boolean,
): string {
  let masked = ''
  let at = 0
  for (const { from, to } of spans) {
    if (to <= at) continue
    masked += text.slice(at, Math.max(at, from))
    const found = text.slice(Math.max(at, from), to)
    masked += found.replace(keepSpaces ? /\S/gu : /[^]/gu, '*')
    at = to
  }
  return masked + text.slice(at)
}

function checkWord(factory: string, word: unknown): void {
  if (typeof word === 'string' && word.length <= 50 && /^[^\s*]+\*?$/.test(word) && /[\p{L}\p{N}]/u.test(word)) return
  throw new ConfigError(factory, 'words', 'single words of up to 50 characters, with at most a `*` at the end', word)
}

function globalOf(factory: string, rule: string, pattern: unknown): RegExp {
  if (!(pattern instanceof RegExp)) throw new ConfigError(factory, `patterns.${rule}`, 'a regular expression', pattern)
  return new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}g`)
}
