import { ConfigError } from '../errors.js'
import { rejectUnknownOptions } from '../option.js'
import { KeyRules } from './key-rules.js'
import { resolveLimits, type RedactorLimits } from './limits.js'
import { placesOf } from './paths.js'
import { TextRedactor } from './text/text-redactor.js'
import { Walk, type WalkSettings } from './walk.js'
import { wordsOf } from './words.js'

/** Options of {@link createRedactor}. */
export interface RedactorOptions {
  /**
   * Further names whose values are hidden, beside the built-in ones. Text is compared by its words, in any spelling:
   * `'employeeNumber'` also hides `employee_number` and `X-Employee-Number`. Patterns are tested against the name.
   * {@link personalKeys} is a list of names of personal data.
   *
   * @defaultValue `[]`
   */
  keys?: readonly (string | RegExp)[]
  /**
   * Places whose values are hidden: `user.email`, `items[*].price`, `headers["x.y"]`; `*` is any key or index. Spelling
   * counts.
   *
   * @defaultValue `[]`
   */
  paths?: readonly string[]
  /**
   * Names and places that are shown though their name is sensitive: `'sessionTitle'`, `'game.token'`. What has a dot,
   * bracket or star in it is a place. Secrets that are known by their shape are hidden even there.
   *
   * @defaultValue `[]`
   */
  keep?: readonly string[]
  /**
   * What is hidden wherever it stands in a text, beside the built-in shapes. They must take linear time.
   *
   * @defaultValue `[]`
   */
  patterns?: readonly RegExp[]
  /**
   * What secrets of your own begin with, 3 characters or more: `['acme_']` hides every `acme_…` with at least 12 more
   * characters of which one is a digit.
   *
   * @defaultValue `[]`
   */
  prefixes?: readonly string[]
  /** What stands in place of what is hidden. @defaultValue `'[redacted]'` */
  replacement?: string
  /** Bounds of one call. */
  limits?: RedactorLimits
}

/** Hides secrets and personal data. */
export interface Redactor {
  /**
   * A copy of `value` as plain JSON data without secrets. It never throws and never changes `value`; what cannot be
   * shown is a note: `[circular]`, `[too deep]`, `[unreadable]`, `[Uint8Array: 16 bytes]`. Errors keep name, message,
   * stack, cause and what else is on them; maps and headers become objects, sets arrays. `undefined` stays, and is left
   * out inside objects.
   */
  redact(value: unknown): unknown
  /** `text` without secrets, cut at `limits.stringLength`; the same text where nothing is hidden. */
  redactText(text: string): string
  /** Whether a value under this name is hidden, at least its text. */
  isSensitiveName(name: string): boolean
}

/** Names of personal data that logs often need, for which reason they are not hidden unless asked for. */
export const personalKeys: readonly string[] = [
  'email',
  'e-mail',
  'mail address',
  'phone',
  'phone number',
  'mobile',
  'mobile number',
  'telephone',
  'fax',
  'first name',
  'last name',
  'full name',
  'middle name',
  'given name',
  'family name',
  'surname',
  'street',
  'street address',
  'home address',
  'postal address',
  'postal code',
  'postcode',
  'zip code',
]

const FACTORY = 'createRedactor'
const OPTIONS = ['keys', 'paths', 'keep', 'patterns', 'prefixes', 'replacement', 'limits']

/**
 * One redactor for logs, error reports, problems and audit. Hidden are values by name (passwords, tokens, keys, cards,
 * identity numbers, in any spelling), by place, and by shape anywhere in a text: JSON Web Tokens, `Bearer` and `Basic`
 * credentials, tokens of well-known services, the toolkit's own API keys, card numbers, private keys, passwords in URLs
 * and secrets in query strings (OWASP Logging Cheat Sheet, "Data to exclude"; ASVS 5.0, 16.2.5). Each call is bounded
 * in depth, size and time.
 *
 * @example
 * const { redact } = createRedactor({ keys: [...personalKeys], paths: ['order.*.note'] })
 * redact({ user: { name: 'Ada', password: 'x' } }) // { user: { name: 'Ada', password: '[redacted]' } }
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function createRedactor(options: RedactorOptions = {}): Redactor {
  rejectUnknownOptions(FACTORY, options, OPTIONS)
  const { replacement = '[redacted]' } = options
  if (typeof replacement !== 'string' || replacement.length > 100) {
    throw new ConfigError(FACTORY, 'replacement', 'a string of at most 100 characters', replacement)
  }
  const limits = resolveLimits(FACTORY, options.limits)
  const keys = listOption('keys', options.keys, isKey, 'a name with a letter in it or a regular expression')
  const keep = listOption('keep', options.keep, isText, 'a name or a path')
  const paths = listOption('paths', options.paths, isText, 'a path such as `user.password`')
  const patterns = listOption('patterns', options.patterns, isPattern, 'a regular expression')
  const prefixes = listOption(
    'prefixes',
    options.prefixes,
    isPrefix,
    'a string of 3 or more letters, digits, _, - and .',
  )

  const text: TextRedactor = new TextRedactor({
    replacement,
    patterns,
    prefixes,
    stringLength: limits.stringLength,
    actionOf: (name) => rules.of(name).action,
  })
  const rules: KeyRules = new KeyRules({
    keys,
    keep: keep.filter((entry) => !isPath(entry)),
    keyLength: limits.keyLength,
    text: (key) => text.redact(key),
  })
  const places = placesOf(FACTORY, paths, keep.filter(isPath))
  const settings: WalkSettings = { replacement, limits, rules, text }

  let idle: Walk | undefined = new Walk(settings)

  return {
    redact(value) {
      // A getter of the value may ask for another walk while this one is under way.
      const walk = idle ?? new Walk(settings)
      idle = undefined
      const shown = walk.from(value, places)
      idle = walk
      return shown
    },
    redactText: (value) => (typeof value === 'string' ? text.redact(value) : '[unreadable]'),
    isSensitiveName: (name) => rules.of(name).action !== 'show',
  }
}

function listOption<T>(
  option: string,
  list: readonly T[] | undefined,
  isRight: (entry: T) => boolean,
  expected: string,
) {
  if (list === undefined) return []
  if (!Array.isArray(list)) throw new ConfigError(FACTORY, option, 'a list', list)
  const issues = list.flatMap((entry: T, index) =>
    isRight(entry) ? [] : [{ option: `${option}[${index}]`, expected, got: entry }],
  )
  if (issues.length > 0) throw new ConfigError(FACTORY, issues)
  return list as readonly T[]
}

function isKey(entry: string | RegExp): boolean {
  return isPattern(entry) || (typeof entry === 'string' && wordsOf(entry).length > 0)
}

function isPattern(entry: unknown): boolean {
  return entry instanceof RegExp
}

function isText(entry: string): boolean {
  return typeof entry === 'string' && entry !== ''
}

function isPrefix(entry: string): boolean {
  return typeof entry === 'string' && /^[A-Za-z0-9][A-Za-z0-9_.-]{2,}$/.test(entry)
}

function isPath(entry: string): boolean {
  return /[.[*]/.test(entry)
}
