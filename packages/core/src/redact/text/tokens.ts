import { charCodeAt } from '../../char-code-at.js'
import { codeAt, endOfRow, hasDigit, hasLetter, isAlphanumeric, isTokenCharacter } from './characters.js'
import { Cuts, type Scan } from './scan.js'
import { isHexadecimal } from './screen.js'

/** How a service marks its secrets. */
interface Mark {
  readonly prefix: string
  /** Fewest characters behind the prefix. */
  readonly length: number
  /** Whether they are letters and digits alone, or also `_`, `-` and `.` with a digit among them. */
  readonly isPlain: boolean
}

// Prefix, fewest characters behind it, and `+` where these are letters and digits alone. From the documentation of the
// services; what is meant to be public (Stripe's `pk_`) is not here.
const MARKS = `
  ghp_ 30+|gho_ 30+|ghu_ 30+|ghs_ 30+|ghr_ 30+|github_pat_ 30|
  glpat- 16|gldt- 16|glrt- 16|glcbt- 16|
  whsec_ 16|
  xoxa- 10|xoxb- 10|xoxc- 10|xoxd- 10|xoxe- 10|xoxe. 10|xoxo- 10|xoxp- 10|xoxr- 10|xoxs- 10|xapp- 10|
  AIza 30|GOCSPX- 16|ya29. 16|
  SG. 30|npm_ 30+|pypi- 50|hf_ 30+|gsk_ 30+|r8_ 30+|sk-proj- 20|sk-ant- 20|sk-or- 20|sk- 32+|
  dop_v1_ 40+|doo_v1_ 40+|dor_v1_ 40+|shpat_ 30+|shpca_ 30+|shppa_ 30+|shpss_ 30+|sq0atp- 20|sq0csp- 20|
  dckr_pat_ 20|hvs. 20|hvb. 20|lin_api_ 30+|sntrys_ 30|NRAK- 20+|AGE-SECRET-KEY-1 50+|
  LTAI 16+|PMAK- 30|rubygems_ 40+|figd_ 30|ATATT3x 50|eyJ 17`

// AWS: 20 characters, no more (AWS IAM identifiers; AIDA and AROA name users and roles and are no credentials).
const AWS = ['AKIA', 'ASIA', 'ABIA'] as const
const AWS_LENGTH = 20
const JWT = 'eyJ'
const SHORTEST_RUN = 16

// `sk_live_…`, `rk_test_…`, `acme_live_<id>_<secret>_<checksum>`: the keys of Stripe, of ourselves and of many others.
const ENVIRONMENTS = ['live_', 'test_', 'prod_', 'dev_', 'staging_', 'sandbox_'] as const
const PUBLIC_PREFIX = 'pk_'
const SHORTEST_SECRET_PART = 20

/** Finds secrets that are known by how they are written. */
export class TokenScanner {
  /** Whether a token may consist of hexadecimal digits and hyphens alone. */
  readonly needsHexadecimal: boolean
  readonly #marks: (Mark[] | undefined)[] = []

  /** @param prefixes - Further prefixes: what begins with one and has 12 more characters is a secret. */
  constructor(prefixes: readonly string[] = []) {
    for (const entry of MARKS.split('|')) {
      const [prefix = '', length = ''] = entry.trim().split(' ')
      this.#add({ prefix, length: Number.parseInt(length, 10), isPlain: length.endsWith('+') })
    }
    for (const prefix of prefixes) this.#add({ prefix, length: 12, isPlain: false })
    this.needsHexadecimal = prefixes.some(isHexadecimal)
  }

  /** Tokens of known services, JSON Web Tokens (RFC 7519), API keys in the manner of the toolkit's own. */
  hide(text: string, { replacement, isCut }: Scan): string {
    const cuts = new Cuts(text, replacement)
    let index = 0
    while (index < text.length) {
      if (!isTokenCharacter(charCodeAt(text, index))) {
        index++
        continue
      }
      const end = endOfRow(text, index, isTokenCharacter)
      if (end - index >= SHORTEST_RUN) this.#hideIn(text, index, end, isCut && end === text.length, cuts)
      index = end
    }
    return cuts.done()
  }

  #add(mark: Mark): void {
    ;(this.#marks[charCodeAt(mark.prefix, 0)] ??= []).push(mark)
  }

  /** Looks at every place of a row of token characters where a word begins. */
  #hideIn(text: string, start: number, end: number, isCut: boolean, cuts: Cuts): void {
    const lastDot = lastDotIn(text, start, end - 1)
    let wholeStart = start
    let isEnvironmentSeen = false
    for (let index = start; index < end; index++) {
      const before = index === start ? NaN : charCodeAt(text, index - 1)
      if (isAlphanumeric(before)) continue
      if (before === HYPHEN || before === DOT) wholeStart = index
      const tokenEnd = this.#tokenAt(text, index, end, isCut, lastDot)
      if (tokenEnd !== -1) {
        cuts.cut(index, tokenEnd)
        index = tokenEnd - 1
        continue
      }
      if (before !== UNDERSCORE || isEnvironmentSeen || text.startsWith(PUBLIC_PREFIX, wholeStart)) continue
      if (!ENVIRONMENTS.some((name) => text.startsWith(name, index))) continue
      isEnvironmentSeen = true
      if (hasSecretPart(text, index, end)) {
        cuts.cut(wholeStart, end)
        return
      }
    }
  }

  /** The end of the token that begins at `index`, or -1. */
  #tokenAt(text: string, index: number, end: number, isCut: boolean, lastDot: number): number {
    if (end - index < SHORTEST_RUN) return -1
    const marks = this.#marks[charCodeAt(text, index)]
    if (marks !== undefined) {
      for (const mark of marks) {
        if (!text.startsWith(mark.prefix, index)) continue
        // The header of a JWT alone is base64 as any other; a point makes it a token, unless the rest was cut off.
        if (mark.prefix === JWT && lastDot < index && !isCut) continue
        const tokenEnd = endOfMarked(text, index, end, mark)
        if (tokenEnd !== -1) return tokenEnd
      }
    }
    return AWS.some((prefix) => text.startsWith(prefix, index)) ? endOfAws(text, index, end) : -1
  }
}

function endOfMarked(text: string, index: number, end: number, mark: Mark): number {
  const start = index + mark.prefix.length
  if (mark.isPlain) {
    const plainEnd = endOfRow(text, start, isAlphanumeric)
    return plainEnd - start >= mark.length ? plainEnd : -1
  }
  return end - start >= mark.length && hasDigit(text, start, Math.min(end, start + 256)) ? end : -1
}

function lastDotIn(text: string, start: number, end: number): number {
  for (let index = end - 1; index >= start; index--) if (charCodeAt(text, index) === DOT) return index
  return -1
}

function endOfAws(text: string, index: number, end: number): number {
  const last = index + AWS_LENGTH
  if (last > end || isAlphanumeric(codeAt(text, last))) return -1
  for (let place = index; place < last; place++) {
    const code = charCodeAt(text, place)
    if (code >= 0x61 || !isAlphanumeric(code)) return -1
  }
  return last
}

/** Whether one of the parts between underscores is long and mixed enough to be random. */
function hasSecretPart(text: string, from: number, end: number): boolean {
  let start = from
  while (start < end) {
    const partEnd = endOfRow(text, start, isAlphanumeric)
    const isLong = partEnd - start >= SHORTEST_SECRET_PART
    if (isLong && hasDigit(text, start, partEnd) && hasLetter(text, start, partEnd)) return true
    start = partEnd + 1
  }
  return false
}

const HYPHEN = 0x2d
const DOT = 0x2e
const UNDERSCORE = 0x5f
