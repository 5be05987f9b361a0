import { choiceOption, integerOption, rejectUnknownOptions } from '@hardening/core'
import { characters } from '../check-length.js'
import { isCommonPassword, withoutLeet } from './common-password.js'
import { analysedLength, guessesLog10 } from './guesses.js'

/** Kinds of characters that a password may be made to have, against better advice. */
export type CharacterKind = 'lower' | 'upper' | 'digit' | 'symbol'

/** What {@link passwordStrength} may be given. */
export interface PasswordStrengthOptions {
  /** Least characters (NIST SP 800-63B-4 section 3.1.1.2; 15 where there is no second factor). @defaultValue 8 */
  minLength?: number
  /** Most characters; at least 64 must be allowed. @defaultValue 1,024 */
  maxLength?: number
  /** Least score that is acceptable: 0 to 4. @defaultValue 2 */
  minScore?: 0 | 1 | 2 | 3 | 4
  /** Words that must not be in it: name and e-mail of the user, name of the service. @defaultValue none */
  context?: readonly string[]
  /** Kinds of characters it must have. ASVS 5 advises against any such rule (6.2.5). @defaultValue none */
  require?: readonly CharacterKind[]
}

/** One reason why a password is not acceptable. */
export interface PasswordReason {
  /** `too_short`, `too_long`, `common`, `context`, `weak`, `missing_lower` ..., `breached` */
  readonly code: string
  readonly message: string
}

/** What is to be said about a password. Repeats no part of it. */
export interface PasswordStrength {
  /** 0 found at once, 1 within seconds, 2 resists guessing at a login, 3 resists for long, 4 resists offline attacks. */
  readonly score: 0 | 1 | 2 | 3 | 4
  /** Decimal logarithm of the guesses it takes, estimated. */
  readonly guessesLog10: number
  /** Whether it may be used. */
  readonly acceptable: boolean
  /** Why it may not; empty where it may. */
  readonly reasons: readonly PasswordReason[]
  /** What would make it better; empty where the score is 4. */
  readonly suggestions: readonly string[]
}

export const strengthOptionNames: readonly (keyof PasswordStrengthOptions)[] = [
  'minLength',
  'maxLength',
  'minScore',
  'context',
  'require',
]

const kinds: Readonly<Record<CharacterKind, { readonly pattern: RegExp; readonly name: string }>> = {
  lower: { pattern: /\p{Ll}/u, name: 'a small letter' },
  upper: { pattern: /\p{Lu}/u, name: 'a capital letter' },
  digit: { pattern: /\p{Nd}/u, name: 'a digit' },
  symbol: { pattern: /[^\p{L}\p{Nd}\s]/u, name: 'a symbol' },
}

/**
 * How well a password resists guessing, why it must not be used, and what would help. The work is bounded whatever its length:
 * 64 characters are looked at in depth. Nothing is cut off: what is hashed is the whole.
 */
export function passwordStrength(password: string, options: PasswordStrengthOptions = {}): PasswordStrength {
  rejectUnknownOptions('passwordStrength', options, strengthOptionNames)
  const { minLength = 8, maxLength = 1_024, minScore = 2, context = [], require = [] } = options
  integerOption('passwordStrength', 'minLength', minLength, { min: 1, max: 64 })
  integerOption('passwordStrength', 'maxLength', maxLength, { min: 64 })
  integerOption('passwordStrength', 'minScore', minScore, { min: 0, max: 4 })
  for (const kind of require) choiceOption('passwordStrength', 'require', kind, ['lower', 'upper', 'digit', 'symbol'])

  const words = contextWords(context)
  const start = password.slice(0, analysedLength)
  const common = isCommonPassword(password)
  const inContext = namesContext(start.toLowerCase(), words)
  const guesses = common ? Math.min(2, guessesLog10(start, words)) : guessesLog10(start, words)
  const score = scoreOf(guesses)
  const length = characters(password, maxLength)

  const reasons: PasswordReason[] = []
  const because = (code: string, message: string): void => void reasons.push({ code, message })
  if (length < minLength) because('too_short', `must have at least ${minLength} characters`)
  if (length > maxLength) because('too_long', `must have at most ${maxLength} characters`)
  if (common) because('common', 'is one of the passwords that are tried first')
  if (inContext) because('context', 'contains a name that is easy to know')
  if (score < minScore && !common) because('weak', 'is too easy to guess')
  for (const kind of require) {
    if (!kinds[kind].pattern.test(password)) because(`missing_${kind}`, `must have ${kinds[kind].name}`)
  }
  const acceptable = reasons.length === 0
  return { score, guessesLog10: guesses, acceptable, reasons, suggestions: suggest(score, length, common, inContext) }
}

/** The bounds that guessing at a login, without and against a slow hash suggest. */
function scoreOf(guesses: number): 0 | 1 | 2 | 3 | 4 {
  if (guesses < 3) return 0
  if (guesses < 6) return 1
  if (guesses < 8) return 2
  return guesses < 10 ? 3 : 4
}

/** Names and their parts: `ada.lovelace@example.com` gives `ada`, `lovelace`, `example`. */
function contextWords(context: readonly string[]): readonly string[] {
  const words = new Set<string>()
  for (const entry of context.slice(0, 50)) {
    const text = entry.slice(0, 200).toLowerCase()
    for (const word of [text, ...text.split(/[^\p{L}\p{N}]+/u)]) if (word.length >= 3) words.add(word)
  }
  for (const generic of ['com', 'org', 'net', 'www', 'mail', 'the']) words.delete(generic)
  return [...words].slice(0, 200)
}

function namesContext(lower: string, words: readonly string[]): boolean {
  if (words.length === 0) return false
  const plain = withoutLeet(lower)
  return words.some((word) => word.length >= 4 && (lower.includes(word) || plain.includes(word)))
}

function suggest(score: number, length: number, common: boolean, inContext: boolean): string[] {
  if (score === 4 && !inContext) return []
  const suggestions: string[] = []
  if (common)
    suggestions.push('Take words that do not belong together; digits and signs around a common word do not help.')
  if (inContext) suggestions.push('Leave out names of people, of the service and of the account.')
  if (length < 15) suggestions.push('Make it longer: four words that you did not choose by their sense are strong.')
  suggestions.push('Let a password manager make it.')
  return suggestions
}
