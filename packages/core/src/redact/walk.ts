import type { KeyRule, KeyRules } from './key-rules.js'
import type { RedactorLimits } from './limits.js'
import { actionAt, placesBelow, type Places } from './paths.js'
import type { NameAction } from './sensitive-names.js'
import { walkSpecial } from './special.js'
import type { TextRedactor } from './text/text-redactor.js'
import { put, type Walker } from './walker.js'

/** What every walk of a redactor shares. */
export interface WalkSettings {
  readonly replacement: string
  readonly limits: Required<RedactorLimits>
  readonly rules: KeyRules
  readonly text: TextRedactor
}

/** What stands in place of what cannot be shown. */
const NOTES = {
  tooDeep: '[too deep]',
  tooMuch: '[too much]',
  circular: '[circular]',
  unreadable: '[unreadable]',
} as const

/** Key of the note that says how many more properties there were. */
const MORE = '\u2026'
// Keys up to here are decided once and remembered.
const SHORT_KEY = 64
// Below this no number is as long as that of a card.
const SMALLEST_CARD = 1e13

/** Walks through one value at a time and copies what may be shown. */
export class Walk implements Walker {
  readonly #settings: WalkSettings
  readonly #ancestors: object[] = []
  #nodes = 0
  #characters = 0

  constructor(settings: WalkSettings) {
    this.#settings = settings
  }

  /** A copy of `value` within the limits of one call. */
  from(value: unknown, places: Places | undefined): unknown {
    const { nodes, characters } = this.limits
    this.#nodes = nodes
    this.#characters = characters
    return this.value(value, false, places)
  }

  get limits(): Required<RedactorLimits> {
    return this.#settings.limits
  }

  /**
   * A copy of `value` as plain JSON data; `undefined` for `undefined`.
   *
   * @param isHidden - Whether it stands under a name that hides all text inside.
   * @param places - Where it is, if a path leads through or to it.
   */
  value(value: unknown, isHidden: boolean, places: Places | undefined): unknown {
    switch (typeof value) {
      case 'string':
        return isHidden && value !== '' ? this.#settings.replacement : this.text(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
      case 'undefined':
        return value
      case 'bigint':
        // Written out in full, a large one takes more than linear time.
        return value > -LARGE && value < LARGE ? this.text(String(value)) : '[big integer]'
      case 'symbol':
        return this.text(String(value))
      case 'function':
        return '[function]'
      default:
        return value === null ? null : this.#object(value as object, isHidden, places)
    }
  }

  /** `text` without secrets. */
  text(text: string): string {
    return this.#pay(text.length) ? this.#settings.text.redact(text) : NOTES.tooMuch
  }

  /** Copies properties of `source` into `target` by the rules for their names. */
  properties(source: object, keys: readonly string[], target: object, isHidden: boolean, places?: Places): void {
    const { keys: most } = this.limits
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!
      if (index === most || !this.spend(key)) return put(target, MORE, `${keys.length - index} more`)
      const rule = this.ruleOf(key)
      let shown: unknown
      try {
        shown = this.#property(source, key, rule, (source as Record<string, unknown>)[key], isHidden, places)
      } catch {
        shown = NOTES.unreadable
      }
      if (shown !== undefined) put(target, rule.name, shown)
    }
  }

  #property(
    source: object,
    key: string,
    rule: KeyRule,
    value: unknown,
    isHidden: boolean,
    places: Places | undefined,
  ): unknown {
    if (rule.shape === 'plain') return this.member(key, value, rule.action, isHidden, places)
    if (rule.shape === 'flat-pairs' && Array.isArray(value)) return this.#flatPairs(value)
    return this.member(key, value, actionOfPair(source, this.#settings.rules, rule), isHidden, places)
  }

  /** The value of a property by the action for its name and by its path. */
  member(key: string, value: unknown, action: NameAction, isHidden: boolean, places: Places | undefined): unknown {
    if (places === undefined) return this.#byAction(value, action, isHidden, undefined)
    const below = placesBelow(places, key)
    const byPath = below && actionAt(below)
    if (byPath === 'hide') return value === undefined ? undefined : this.#settings.replacement
    if (byPath === 'show') return this.value(value, false, below)
    return this.#byAction(value, action, isHidden, below)
  }

  /** Copies items into an array; `isNested` where they are themselves an item of an array. */
  items(source: ArrayLike<unknown>, isHidden: boolean, places: Places | undefined, isNested: boolean): unknown[] {
    const { items: most } = this.limits
    const { length } = source
    if (isNested && length === 2 && typeof source[0] === 'string') {
      const { name, action } = this.#settings.rules.of(source[0])
      if (action !== 'show') return [name, this.#byAction(source[1], action, isHidden, undefined)]
    }
    const target: unknown[] = []
    for (let index = 0; index < length; index++) {
      if (index === most || !this.spend()) {
        target.push(`[${length - index} more]`)
        break
      }
      target.push(this.#item(source, index, isHidden, places) ?? null)
    }
    return target
  }

  /** Counts one property or item; false where there have been too many. */
  spend(key = ''): boolean {
    return this.#nodes-- > 0 && (key.length <= SHORT_KEY || this.#pay(key.length))
  }

  /** The rule for a name. */
  ruleOf(key: string): KeyRule {
    return this.#settings.rules.of(key)
  }

  /** Follows `value`, which `holder` stands for: the answer of `toJSON`. */
  inPlaceOf(holder: object, value: unknown, isHidden: boolean, places: Places | undefined): unknown {
    return value === holder ? this.#plain(holder, isHidden, places) : this.value(value, isHidden, places)
  }

  /** Counts characters that are about to be read; false where there have been too many. */
  #pay(length: number): boolean {
    const cost = Math.min(length, this.limits.stringLength)
    if (cost > this.#characters) return false
    this.#characters -= cost
    return true
  }

  #number(value: number): unknown {
    if (value < SMALLEST_CARD) return value > -Infinity ? value : '-Infinity'
    if (!Number.isSafeInteger(value)) return Number.isFinite(value) ? value : String(value)
    const digits = String(value)
    return this.#settings.text.redact(digits) === digits ? value : this.#settings.replacement
  }

  #byAction(value: unknown, action: NameAction, isHidden: boolean, places: Places | undefined): unknown {
    if (action === 'show') return this.value(value, isHidden, places)
    // That there is no value is no secret.
    if (value === undefined || value === null || typeof value === 'boolean' || value === '') return value
    if (action === 'hide') return this.#settings.replacement
    if (action === 'hide-text-inside') return this.value(value, true, places)
    return typeof value === 'string' ? this.#settings.replacement : this.value(value, isHidden, places)
  }

  #item(source: ArrayLike<unknown>, index: number, isHidden: boolean, places: Places | undefined): unknown {
    try {
      return this.member(places === undefined ? '' : String(index), source[index], 'show', isHidden, places)
    } catch {
      return NOTES.unreadable
    }
  }

  #object(value: object, isHidden: boolean, places: Places | undefined): unknown {
    const ancestors = this.#ancestors
    const depth = ancestors.length
    for (let at = 0; at < depth; at++) if (ancestors[at] === value) return NOTES.circular
    if (depth >= this.limits.depth) return NOTES.tooDeep
    const parent = depth === 0 ? undefined : ancestors[depth - 1]
    ancestors.push(value)
    try {
      if (Array.isArray(value)) return this.items(value, isHidden, places, Array.isArray(parent))
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) return walkSpecial(this, value, isHidden, places)
      const { toJSON } = value as { toJSON?: unknown }
      if (typeof toJSON === 'function') return this.inPlaceOf(value, toJSON.call(value, ''), isHidden, places)
      return this.#plain(value, isHidden, places)
    } catch {
      return NOTES.unreadable
    } finally {
      ancestors.pop()
    }
  }

  #plain(value: object, isHidden: boolean, places: Places | undefined): object {
    const copy = Object.keys(value).length > this.limits.keys ? undefined : copyOf(value)
    if (copy !== undefined) return this.#inCopy(value, copy, isHidden, places)
    const target = {}
    this.properties(value, Object.keys(value), target, isHidden, places)
    return target
  }

  /** As {@link Walk.properties}, on a copy in which most values may stay: objects are copied whole in far less time. */
  #inCopy(source: object, copy: Record<string, unknown>, isHidden: boolean, places: Places | undefined): object {
    const { rules, text } = this.#settings
    const isByNameAlone = !isHidden && places === undefined
    let rule = rules.start
    let hasGaps = false
    for (const key in copy) {
      rule = rules.after(rule, key)
      if (rule.name !== key || key === '__proto__' || !this.spend(key)) {
        return this.#fromHere(source, key, copy, isHidden, places)
      }
      const value = copy[key]
      let shown: unknown
      if (rule.isFree && isByNameAlone) {
        // Most values of most objects are done with here.
        if (typeof value === 'string') {
          if (value.length < text.shortest) continue
          shown = this.text(value)
        } else if (typeof value === 'number') {
          if (value < SMALLEST_CARD && value > -Infinity) continue
          shown = this.#number(value)
        } else if (value === null || typeof value === 'boolean') continue
        else shown = this.value(value, false, undefined)
      } else shown = this.#readably(source, key, rule, value, isHidden, places)
      if (shown === undefined) hasGaps = true
      if (shown !== value) copy[key] = shown
    }
    return hasGaps ? withoutGaps(copy) : copy
  }

  #readably(
    source: object,
    key: string,
    rule: KeyRule,
    value: unknown,
    isHidden: boolean,
    places: Places | undefined,
  ): unknown {
    try {
      return this.#property(source, key, rule, value, isHidden, places)
    } catch {
      return NOTES.unreadable
    }
  }

  /** The copy up to a property that cannot stay in its place, and what follows by way of {@link Walk.properties}. */
  #fromHere(
    source: object,
    from: string,
    copy: Record<string, unknown>,
    isHidden: boolean,
    places: Places | undefined,
  ): object {
    const keys = Object.keys(copy)
    const at = keys.indexOf(from)
    // Somebody has given all objects a property; of this one all is done.
    if (at === -1) return withoutGaps(copy)
    const target: Record<string, unknown> = {}
    for (const key of keys.slice(0, at)) if (copy[key] !== undefined) target[key] = copy[key]
    // What was spent above is spent again below, so that it is refused there too.
    this.properties(source, keys.slice(at), target, isHidden, places)
    return target
  }

  /** `['Authorization', '…', 'Host', '…']` */
  #flatPairs(list: readonly unknown[]): unknown[] {
    const target: unknown[] = []
    for (let index = 0; index < list.length; index += 2) {
      if (target.length >= this.limits.items || !this.spend()) break
      const rule = this.ruleOf(String(list[index]))
      target.push(rule.name)
      if (index + 1 < list.length) target.push(this.#byAction(list[index + 1], rule.action, false, undefined) ?? null)
    }
    return target
  }
}

/** Without what is `undefined`; deleting would make an object that is slow ever after. */
function withoutGaps(copy: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const target: Record<string, unknown> = {}
  for (const key in copy) if (copy[key] !== undefined) target[key] = copy[key]
  return target
}

/** The object with what its getters give now; `undefined` where that fails, or there is more than names can say. */
function copyOf(value: object): Record<string, unknown> | undefined {
  try {
    return Object.getOwnPropertySymbols(value).length > 0 ? undefined : { ...(value as Record<string, unknown>) }
  } catch {
    return undefined
  }
}

const LARGE = 10n ** 40n
const NAME_KEYS = ['name', 'key', 'header', 'field', 'param'] as const

/** The action for the `value` of `{ name: 'password', value: '…' }`. */
function actionOfPair(source: object, rules: KeyRules, rule: KeyRule): NameAction {
  for (const key of NAME_KEYS) {
    const name = (source as Record<string, unknown>)[key]
    if (typeof name !== 'string') continue
    const { action } = rules.of(name)
    if (action !== 'show') return action
  }
  return rule.action
}
