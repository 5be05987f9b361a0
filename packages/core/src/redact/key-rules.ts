import { SensitiveNames, type NameAction } from './sensitive-names.js'
import { wordsOf } from './words.js'

/** What is done with one name of a property, header or parameter. */
export interface KeyRule {
  /** The name as it may be shown: a secret used as a name is hidden, a long name cut. */
  readonly name: string
  readonly action: NameAction
  /** `value` of a pair (`{ name, value }`), or the flat list of names and values that Node calls `rawHeaders`. */
  readonly shape: 'plain' | 'value' | 'flat-pairs'
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
      if (this.#cache.size >= MAX_CACHED) this.#cache.clear()
      this.#cache.set(key, rule)
    }
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
    return { name: this.#shown(key), action, shape }
  }

  #shown(key: string): string {
    if (key.length < SHORTEST_SECRET) return key
    const text = this.#text(key.slice(0, MAX_READ_LENGTH))
    return text.length > this.#keyLength ? `${text.slice(0, this.#keyLength)}\u2026` : text
  }
}
