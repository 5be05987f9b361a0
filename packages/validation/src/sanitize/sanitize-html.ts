import { choiceOption, ConfigError, integerOption, rejectUnknownOptions, stringOption } from '@hardening/core'
import { HtmlLimitError } from '../errors.js'
import { deniedTags, isDeniedAttribute } from './html-denied.js'
import { HtmlEngine, MarkupLimit, type EngineRules } from './html-engine.js'
import { htmlProfiles, styleValues, type HtmlProfile } from './html-profiles.js'
import { stripTags } from './strip-tags.js'

/** What {@link sanitizeHtml} and {@link htmlSanitizer} may be given. */
export interface SanitizeHtmlOptions {
  /**
   * What comes through: `none` no element at all; `inline` emphasis, code and links; `basic` also paragraphs, lists and
   * quotes; `rich` also headings, tables and images.
   *
   * @defaultValue `'basic'`
   */
  profile?: HtmlProfile
  /** Further elements. Those that can run, load or send something are refused. @defaultValue none */
  allowTags?: readonly string[]
  /** Further attributes by element, `*` for all: `{ a: ['id'] }`. Those that can run or load are refused. @defaultValue none */
  allowAttributes?: Readonly<Record<string, readonly string[]>>
  /** Classes by element, `*` for all: `{ code: ['language-*'] }`. @defaultValue none */
  allowClasses?: Readonly<Record<string, readonly string[]>>
  /** Properties that a `style` attribute may set, with harmless values only: `['text-align']`. @defaultValue none */
  allowStyles?: readonly string[]
  /** Schemes of links and images, of `http`, `https` and `mailto`; relative addresses always pass. @defaultValue all three */
  schemes?: readonly ('http' | 'https' | 'mailto')[]
  /** Exact host names that an `iframe` may load, by HTTPS and sandboxed. @defaultValue none: no iframe */
  iframeHosts?: readonly string[]
  /** `rel` of every link; empty for none. @defaultValue `'nofollow ugc noopener noreferrer'` */
  linkRel?: string
  /** Characters of the input. @defaultValue 200,000 */
  maxLength?: number
  /** Elements within one another. @defaultValue 100 */
  maxDepth?: number
  /** Elements in all. @defaultValue 10,000 */
  maxTags?: number
  /**
   * What becomes of input beyond these bounds: its `text` without any element, or an error.
   *
   * @defaultValue `'text'`
   */
  overLimit?: 'text' | 'refuse'
}

const optionNames: readonly (keyof SanitizeHtmlOptions)[] = [
  'profile',
  'allowTags',
  'allowAttributes',
  'allowClasses',
  'allowStyles',
  'schemes',
  'iframeHosts',
  'linkRel',
  'maxLength',
  'maxDepth',
  'maxTags',
  'overLimit',
]

/**
 * A sanitiser with its rules worked out once.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` where an option would let something dangerous through.
 *
 * @example
 * ```ts
 * const clean = htmlSanitizer({ profile: 'rich', allowClasses: { code: ['language-*'] } })
 * article.body = clean(req.body.body)
 * ```
 */
export function htmlSanitizer(options: SanitizeHtmlOptions = {}): (html: string) => string {
  rejectUnknownOptions('sanitizeHtml', options, optionNames)
  const { maxLength = 200_000, overLimit = 'text' } = options
  const rules = rulesOf(options)
  const engine = new HtmlEngine(rules)
  integerOption('sanitizeHtml', 'maxLength', maxLength, { min: 1 })
  choiceOption('sanitizeHtml', 'overLimit', overLimit, ['text', 'refuse'])

  return function sanitize(html: string): string {
    // Without a tag there is nothing to take away: character references make no element.
    if (!html.includes('<')) return html.includes('\0') ? html.replaceAll('\0', '') : html
    const text = html.replaceAll('\0', '')
    if (text.length <= maxLength && countUpTo(text, '<', rules.maxTags * 3) < rules.maxTags * 3) {
      try {
        return engine.clean(text)
      } catch (error) {
        if (!(error instanceof MarkupLimit) && !(error instanceof RangeError)) throw error
      }
    }
    if (overLimit === 'refuse') throw new HtmlLimitError()
    return stripTags(text)
  }
}

const made = new WeakMap<object, (html: string) => string>()

/**
 * HTML from outside, with only what the profile allows. The result is HTML, to be put between tags. Elements that run,
 * load or send something never come through, whatever the options say. Takes time in proportion to its input.
 *
 * @param options - the profile, or options; keep the object, and the rules are worked out once.
 * @throws ConfigError `ERR_CONFIG_INVALID` where an option would let something dangerous through.
 * @throws HtmlLimitError `ERR_VALIDATION_HTML_LIMIT` beyond the bounds, with `overLimit: 'refuse'`.
 */
export function sanitizeHtml(html: string, options: HtmlProfile | SanitizeHtmlOptions = 'basic'): string {
  const key = typeof options === 'string' ? profileOptions(options) : options
  let sanitizer = made.get(key)
  if (sanitizer === undefined) {
    sanitizer = htmlSanitizer(key)
    made.set(key, sanitizer)
  }
  return sanitizer(html)
}

const optionsByProfile: Readonly<Record<HtmlProfile, SanitizeHtmlOptions>> = {
  none: { profile: 'none' },
  inline: { profile: 'inline' },
  basic: { profile: 'basic' },
  rich: { profile: 'rich' },
}

function profileOptions(profile: HtmlProfile): SanitizeHtmlOptions {
  return optionsByProfile[choiceOption('sanitizeHtml', 'profile', profile, ['none', 'inline', 'basic', 'rich'])]
}

function rulesOf(options: SanitizeHtmlOptions): EngineRules {
  const {
    profile = 'basic',
    allowTags = [],
    allowAttributes = {},
    allowClasses = {},
    allowStyles = [],
    schemes = ['http', 'https', 'mailto'],
    iframeHosts = [],
    linkRel = 'nofollow ugc noopener noreferrer',
    maxDepth = 100,
    maxTags = 10_000,
  } = options
  const base = htmlProfiles[choiceOption('sanitizeHtml', 'profile', profile, ['none', 'inline', 'basic', 'rich'])]
  const attributes: Record<string, readonly string[]> = { ...base.attributes }
  for (const [tag, names] of Object.entries(allowAttributes)) {
    attributes[tag] = [...(attributes[tag] ?? []), ...names.map((name) => allowedAttribute(tag, name))]
  }
  for (const scheme of schemes) choiceOption('sanitizeHtml', 'schemes', scheme, ['http', 'https', 'mailto'])
  return {
    tags: [...base.tags, ...allowTags.map(allowedTag)],
    attributes,
    classes: allowClasses,
    styles: allowStyles.map((name) => choiceOption('sanitizeHtml', 'allowStyles', name, Object.keys(styleValues))),
    schemes,
    iframeHosts: iframeHosts.map((host) => hostName(host)),
    linkRel: linkRel === '' ? '' : stringOption('sanitizeHtml', 'linkRel', linkRel),
    maxDepth: integerOption('sanitizeHtml', 'maxDepth', maxDepth, { min: 1, max: 500 }),
    maxTags: integerOption('sanitizeHtml', 'maxTags', maxTags, { min: 1 }),
  }
}

function allowedTag(tag: string): string {
  if (/^[a-z][a-z0-9-]{0,63}$/.test(tag) && !deniedTags.has(tag) && tag !== 'iframe') return tag
  throw new ConfigError(
    'sanitizeHtml',
    'allowTags',
    'names in lower case of elements that cannot run, load or send',
    tag,
  )
}

function allowedAttribute(tag: string, name: string): string {
  if (/^[a-z][a-z0-9_.-]{0,63}$/.test(name) && !isDeniedAttribute(name)) return name
  const option = `allowAttributes.${tag}`
  throw new ConfigError('sanitizeHtml', option, 'names in lower case of attributes that cannot run or load', name)
}

function hostName(host: string): string {
  if (/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(host)) return host
  throw new ConfigError(
    'sanitizeHtml',
    'iframeHosts',
    "exact host names in lower case, such as 'player.example.com'",
    host,
  )
}

function countUpTo(text: string, part: string, most: number): number {
  let count = 0
  for (let at = text.indexOf(part); at !== -1 && count < most; at = text.indexOf(part, at + 1)) count++
  return count
}
