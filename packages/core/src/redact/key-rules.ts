import { SensitiveNames, type NameAction } from './sensitive-names.js'
import { wordsOf } from './words.js'

/** What is done with one name of a property, header or parameter. */
export interface KeyRule {
  readonly key: string
  /** The name as it may be shown: a secret used as a name is hidden, a long name cut. */
  readonly name: string
  readonly action: NameAction
  /** `value` of a pair (`{ name, value }`), or the flat list of names and values that Node calls `rawHeaders`. */
  readonly shape: 'plain' | 'value' | 'flat-pairs'
  /** Whether neither the name nor, for its sake, the value is changed. */
  readonly isFree: boolean
  /** The rule of the name that stood behind this one last: objects mostly come in the same order again. */
  next: KeyRule | undefined
}

/** What {@link KeyRules} is made from. */
export interface KeyRulesOptions {
  readonly keys: readonly (string | RegExp)[]
  readonly keep: readonly string[]
  readonly keyLength: number
  readonly text: (text: string) => string
}

// Names are few and come again; long ones are mostly data and are not kept.
const MAX_CACHED = 2000
const MAX_CACHED_LENGTH = 64
// What decides stands within this many characters at the beginning or the end.
const MAX_DECIDED_LENGTH = 128
// More than the longest key that is shown, so that a secret which begins in it is known by what follows.
const MAX_READ_LENGTH = 2048
// The shortest text that can be a secret by its shape.
const SHORTEST_SECRET = 13

/** Decides by name, and remembers. */
export class KeyRules {
  readonly #names: SensitiveNames
  readonly #patterns: readonly RegExp[]
  readonly #keep: ReadonlySet<string>
  readonly #keyLength: number
  readonly #text: (text: string) => string
  readonly #cache = new Map<string, KeyRule>()
  /** Stands before the first name of every object. */
  readonly start: KeyRule = {
    key: '',
    name: '',
    action: 'show',
    shape: 'plain',
    isFree: true,
    next: undefined,
  }

  constructor({ keys, keep, keyLength, text }: KeyRulesOptions) {
    this.#names = new SensitiveNames(keys.filter((key) => typeof key === 'string').map(wordsOf))
    // A pattern with `g` or `y` remembers where it was and would find a name only every other time.
    this.#patterns = keys
      .filter((key) => typeof key !== 'string')
      .map((pattern) => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')))
    this.#keep = new Set(keep.map((key) => wordsOf(key).join(' ')))
    this.#keyLength = keyLength
    this.#text = text
  }

  /** How many names are remembered. */
  get cached(): number {
    return this.#cache.size
  }

  of(key: string): KeyRule {
    const known = this.#cache.get(key)
    if (known !== undefined) return known
    const rule = this.#decide(key)
    if (key.length <= MAX_CACHED_LENGTH) {
      if (this.#cache.size >= MAX_CACHED) this.#forget()
      this.#cache.set(key, rule)
    }
    return rule
  }

  /** The rule for the name that stands behind another. */
  after(before: KeyRule, key: string): KeyRule {
    const { next } = before
    return next !== undefined && next.key === key ? next : this.#found(before, key)
  }

  #found(before: KeyRule, key: string): KeyRule {
    const rule = this.of(key)
    if (key.length <= MAX_CACHED_LENGTH) before.next = rule
    return rule
  }

  #decide(key: string): KeyRule {
    const isLong = key.length > 2 * MAX_DECIDED_LENGTH
    const decisive = isLong ? `${key.slice(0, MAX_DECIDED_LENGTH)} ${key.slice(-MAX_DECIDED_LENGTH)}` : key
    const words = wordsOf(decisive)
    let action = this.#keep.has(words.join(' ')) ? 'show' : this.#names.actionOf(words)
    if (action === 'show' && !this.#keep.has(words.join(' ')) && this.#patterns.some((one) => one.test(decisive))) {
      action = 'hide'
    }
    const shape = key === 'value' || key === 'val' ? 'value' : key === 'rawHeaders' ? 'flat-pairs' : 'plain'
    const name = this.#shown(key)
    // An assignment would take `__proto__` for something else.
    const isFree = action === 'show' && shape === 'plain' && name === key && key !== '__proto__'
    return { key, name, action, shape, isFree, next: undefined }
  }

  /** What is forgotten must not live on behind other names. */
  #forget(): void {
    for (const rule of this.#cache.values()) rule.next = undefined
    this.start.next = undefined
    this.#cache.clear()
  }

  #shown(key: string): string {
    if (key.length < SHORTEST_SECRET) return key
    const text = this.#text(key.slice(0, MAX_READ_LENGTH))
    return text.length > this.#keyLength ? `${text.slice(0, this.#keyLength)}\u2026` : text
  }
}
