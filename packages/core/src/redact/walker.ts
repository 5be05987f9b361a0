import type { KeyRule } from './key-rules.js'
import type { RedactorLimits } from './limits.js'
import type { Places } from './paths.js'
import type { NameAction } from './sensitive-names.js'

/** What copying a special object needs of the walk that met it. */
export interface Walker {
  readonly limits: Required<RedactorLimits>
  value(value: unknown, isHidden: boolean, places: Places | undefined): unknown
  text(text: string): string
  properties(source: object, keys: readonly string[], target: object, isHidden: boolean, places?: Places): void
  member(key: string, value: unknown, action: NameAction, isHidden: boolean, places: Places | undefined): unknown
  items(source: ArrayLike<unknown>, isHidden: boolean, places: Places | undefined, isNested: boolean): unknown[]
  inPlaceOf(holder: object, value: unknown, isHidden: boolean, places: Places | undefined): unknown
  ruleOf(key: string): KeyRule
  spend(key?: string): boolean
}

/** Sets a property, also one called `__proto__`, of which an assignment would change the prototype. */
export function put(target: object, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true })
  } else {
    ;(target as Record<string, unknown>)[key] = value
  }
}
