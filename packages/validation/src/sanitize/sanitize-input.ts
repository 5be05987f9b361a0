import { booleanOption, choiceOption, ConfigError, rejectUnknownOptions } from '@hardening/core'
import type { HtmlProfile } from './html-profiles.js'
import { JsonCopy, type SanitizeJsonOptions } from './sanitize-json.js'
import { htmlSanitizer } from './sanitize-html.js'
import { toPlainText } from './to-plain-text.js'

/** How the text of a field is cleaned. */
export interface FieldCleaning {
  /** Whether white space at both ends goes. @defaultValue `true` */
  trim?: boolean
  /** Whether control characters go, apart from tab and line ends, and what turns the direction of writing. @defaultValue `true` */
  controls?: boolean
  /** Unicode normal form (UAX #15), `false` for as it came. @defaultValue `'NFC'` */
  normalize?: 'NFC' | 'NFKC' | false
  /**
   * What becomes of markup: `keep` leaves it, for text that is escaped where it is shown; `text` leaves only its text;
   * a profile of {@link sanitizeHtml} makes harmless HTML of it.
   *
   * @defaultValue `'keep'`
   */
  html?: 'keep' | 'text' | HtmlProfile
}

/** What {@link sanitizeInput} may be given. */
export interface SanitizeInputOptions extends SanitizeJsonOptions, FieldCleaning {
  /** Other cleaning by field, `*` for any one key: `{ bio: { html: 'basic' }, 'items.*.code': false }`; `false` leaves it alone. */
  fields?: Readonly<Record<string, FieldCleaning | false>>
}

const jsonOptions: readonly (keyof SanitizeJsonOptions)[] = ['maxDepth', 'maxKeys', 'maxStringLength', 'dropOperators']
const cleaningOptions: readonly (keyof FieldCleaning)[] = ['trim', 'controls', 'normalize', 'html']
const profiles: readonly ('keep' | 'text' | HtmlProfile)[] = ['keep', 'text', 'none', 'inline', 'basic', 'rich']

/** Passwords are never changed: whoever typed a space meant it. */
const secret = /pass(?:word|phrase|wd)|secret|token/i

// Direction marks and isolates (UAX #9) by which text is shown as something else: CVE-2021-42574.
const controls = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]/g

/**
 * A deep copy of data from outside with its texts cleaned: trimmed, without control characters, in one normal form.
 * Letters, quotes and angle brackets stay as they are (`O'Brien`, `1 < 2`), unless a field asks for HTML to be dealt with.
 * Fields that are called password, secret or token are left alone.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work.
 * @throws InputLimitError `ERR_VALIDATION_INPUT_LIMIT` beyond the bounds.
 */
export function sanitizeInput<T>(data: T, options: SanitizeInputOptions = {}): T {
  return inputSanitizer(options)(data)
}

/** {@link sanitizeInput} with its rules worked out once. @throws ConfigError `ERR_CONFIG_INVALID` */
export function inputSanitizer(options: SanitizeInputOptions = {}): <T>(data: T) => T {
  rejectUnknownOptions('sanitizeInput', options, [...jsonOptions, ...cleaningOptions, 'fields'])
  const { fields = {}, trim, controls: dropsControls, normalize, html, ...limits } = options
  const common = cleaner('', { trim, controls: dropsControls, normalize, html } as FieldCleaning)
  const own = Object.entries(fields).map(([field, cleaning]) => ({
    path: field.split('.'),
    clean: cleaning === false ? (text: string) => text : cleaner(`fields.${field}`, cleaning),
  }))
  const clean = (text: string, path: readonly string[]): string => {
    const match = own.find((field) => matches(field.path, path))
    if (match !== undefined) return match.clean(text)
    return path.some((key) => secret.test(key)) ? text : common(text)
  }
  // Made once more for each call, because a copy counts; here it checks the options.
  void new JsonCopy('sanitizeInput', limits, clean)
  return <T>(data: T) => new JsonCopy('sanitizeInput', limits, clean).copy(data, []) as T
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  return pattern.length === path.length && pattern.every((key, at) => key === '*' || key === path[at])
}

function cleaner(at: string, cleaning: FieldCleaning): (text: string) => string {
  rejectUnknownOptions('sanitizeInput', cleaning, cleaningOptions, at)
  const prefix = at === '' ? '' : `${at}.`
  const { trim = true, controls: dropsControls = true, normalize = 'NFC', html = 'keep' } = cleaning
  booleanOption('sanitizeInput', `${prefix}trim`, trim)
  booleanOption('sanitizeInput', `${prefix}controls`, dropsControls)
  if (normalize !== 'NFC' && normalize !== 'NFKC' && normalize) {
    throw new ConfigError('sanitizeInput', `${prefix}normalize`, "'NFC', 'NFKC' or false", normalize)
  }
  const markup = markupCleaner(choiceOption('sanitizeInput', `${prefix}html`, html, profiles))
  return (text) => {
    let clean = normalize === false ? text : text.normalize(normalize)
    if (dropsControls) clean = clean.replace(controls, '')
    clean = markup(clean)
    return trim ? clean.trim() : clean
  }
}

function markupCleaner(html: 'keep' | 'text' | HtmlProfile): (text: string) => string {
  if (html === 'keep') return (text) => text
  return html === 'text' ? toPlainText : htmlSanitizer({ profile: html })
}
