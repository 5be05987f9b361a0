import type { NameAction } from '../sensitive-names.js'
import { hideAssignments } from './assignments.js'
import { hideCards } from './cards.js'
import { hidePrivateKeys } from './private-keys.js'
import type { Scan } from './scan.js'
import { hideSchemes } from './schemes.js'
import { ARMOUR, ASSIGNMENT, AT_SIGN, LONG_HEX_RUN, LONG_RUN, MANY_DIGITS, screen, SPACE } from './screen.js'
import { TokenScanner } from './tokens.js'
import { hideUrlCredentials } from './url-credentials.js'

/** What {@link TextRedactor} is made from. */
export interface TextRedactorOptions {
  readonly replacement: string
  readonly patterns: readonly RegExp[]
  readonly prefixes: readonly string[]
  readonly stringLength: number
  readonly actionOf: (name: string) => NameAction
}

// The shortest secret with what makes it known: `pin=1`.
const SHORTEST = 5
// So much more than is shown is read, so that a secret which begins before the end is known by what follows.
const LOOK_AHEAD = 1024

/** Hides what is known as a secret by its shape, wherever it stands in a text. Takes linear time. */
export class TextRedactor {
  /** Shorter texts have nothing to hide. */
  readonly shortest: number
  readonly #whole: Scan
  readonly #cut: Scan
  readonly #tokens: TokenScanner
  readonly #longRun: number
  readonly #patterns: readonly RegExp[]
  readonly #stringLength: number

  constructor({ replacement, patterns, prefixes, stringLength, actionOf }: TextRedactorOptions) {
    this.#whole = { replacement, isCut: false, actionOf }
    this.#cut = { replacement, isCut: true, actionOf }
    this.#tokens = new TokenScanner(prefixes)
    this.#longRun = this.#tokens.needsHexadecimal ? LONG_RUN | LONG_HEX_RUN : LONG_RUN
    this.#patterns = patterns.map((pattern) => new RegExp(pattern.source, addGlobal(pattern.flags)))
    this.#stringLength = stringLength
    this.shortest = patterns.length === 0 ? SHORTEST : 0
  }

  redact(text: string): string {
    const most = this.#stringLength
    if (text.length <= most) return this.#scan(text, this.#whole)
    const isCut = text.length > most + LOOK_AHEAD
    const shown = isCut ? this.#scan(text.slice(0, most + LOOK_AHEAD), this.#cut) : this.#scan(text, this.#whole)
    // What was read ahead is not shown even where hiding has made room for it: it may end in half a secret.
    const kept = Math.min(most, isCut ? Math.max(0, shown.length - LOOK_AHEAD) : shown.length)
    return `${shown.slice(0, kept)}\u2026 [${text.length - most} more characters]`
  }

  #scan(text: string, scan: Scan): string {
    let result = text
    if (text.length >= SHORTEST) {
      const found = screen(text)
      if ((found & ARMOUR) !== 0) result = hidePrivateKeys(result, scan)
      if ((found & AT_SIGN) !== 0 || scan.isCut) result = hideUrlCredentials(result, scan)
      if ((found & SPACE) !== 0) result = hideSchemes(result, scan)
      if ((found & ASSIGNMENT) !== 0) result = hideAssignments(result, scan)
      if ((found & this.#longRun) !== 0) result = this.#tokens.hide(result, scan)
      if ((found & MANY_DIGITS) !== 0) result = hideCards(result, scan)
    }
    return this.#patterns.length === 0 ? result : this.#hideOwn(result, scan)
  }

  #hideOwn(text: string, scan: Scan): string {
    let result = text
    // A function, for `$1` and the like mean something in a replacement text.
    for (const pattern of this.#patterns) result = result.replace(pattern, () => scan.replacement)
    return result
  }
}

function addGlobal(flags: string): string {
  return flags.includes('g') ? flags : `${flags}g`
}
