/**
 * What happens to the value under a name. Nothing is ever hidden that says only that there is, or is not, a value:
 * `null`, `true`, `false` and the empty string.
 */
export type NameAction =
  /** Not a sensitive name. */
  | 'show'
  /** The whole value goes. */
  | 'hide'
  /** Text goes wherever it stands inside; numbers stay, for `tokens: 512` is a count. */
  | 'hide-text-inside'
  /** Text goes; an object is looked at like any other: `auth: { user, pass }`. */
  | 'hide-text'

interface Phrase {
  readonly words: readonly string[]
  readonly action: NameAction
  /** Whether the phrase counts only at the end of a name, or only as the whole name. */
  readonly place: 'anywhere' | 'end' | 'whole'
  /** Whether the plural is mostly used for a count: `tokens`, `sessions`. */
  readonly isCounted: boolean
}

// Words that make a name sensitive wherever they stand in it, unless it ends in a word of `ABOUT`.
const COUNTED = `
  password|passwd|passwort|kennwort|senha|secret|token|credential|cookie|session|
  api key|access key|secret key|private key|auth key|jwt`

const ANYWHERE = `
  password hash|password salt|password confirm|password confirmation|password repeat|
  passphrase|pass phrase|passcode|pass code|pass word|pwd|psw|contraseña|contrasena|mot de passe|motdepasse|
  authorization|
  encryption key|decryption key|signing key|master key|root key|session key|shared key|storage key|account key|
  service key|subscription key|deploy key|license key|recovery key|ssh key|hmac key|jwt key|aes key|rsa key|
  credit card|debit card|card number|card no|card pan|cc number|cc num|cvv|cvc|security code|
  ssn|social security|tax id|national id|national insurance|passport number|passport no|
  driver license|drivers license|driver licence|driving licence|
  iban|bank account|account number|routing number|
  dob|date of birth|birth date|birthdate|birthday|maiden name|
  otp|totp|one time code|mfa code|two factor code|verification code|backup code|recovery code|auth code|
  security answer|seed phrase|recovery phrase|mnemonic`

const AT_THE_END = `pin|pin code|pin number|csrf|xsrf|
  user pass|db pass|database pass|smtp pass|mail pass|admin pass|root pass|ftp pass|redis pass|mysql pass`

const WHOLE = `sid|connect sid`

const WHOLE_AND_TEXT = `pass|auth|bearer`

// Names in one piece end in these: `userpassword`, `accesstoken`. No word of English that is none does.
const ENDINGS =
  'password|passwd|passphrase|passcode|token|secret|apikey|privatekey|secretkey|accesskey|sessionid|sessid'.split('|')

// A name that ends in one of these tells something about the secret, not the secret: `passwordChangedAt`.
const ABOUT = wordSet(`
  age at date time timestamp created updated changed issued used expires expired expiry expire expiration exp ttl
  timeout duration lifetime interval period ms sec secs second seconds minute minutes hour hours day days per in out
  count counts total sum length len size min max limit limits quota left remaining rate price cost amount balance
  usage budget supply symbol decimals type types kind name names label title placeholder description version format
  encoding algorithm alg bits rounds strength score policy rules rule valid invalid present missing required enabled
  disabled supported active status state method mode level index offset position color attempts retries tries url uri
  endpoint path file filename domain site scope scopes issuer audience provider manager store storage service bucket
  consent banner parser prefix error errors reason details field fields option options config settings`)

// An identifier is no secret where the thing has a secret beside it; a session and Vault's secret have none.
const NAMED_BY_ID = ['token', 'key', 'jwt', 'cookie', 'password', 'credential', 'card'] as const

// `promptTokens`, `number_of_tokens`: counts, even written as text.
const QUANTITIES = wordSet(`
  max min total prompt completion input output num number count of used remaining cached cache read write reasoning
  thinking budget context generated avg average estimated accepted rejected prediction audio text image`)

// Where the next page begins.
const CURSORS = wordSet('page next previous prev continuation pagination sync delta')

/** Decides by the words of a name. */
export class SensitiveNames {
  readonly #phrases = new Map<string, Phrase[]>()

  /** @param extra - Further phrases, each as its words; they count anywhere in a name. */
  constructor(extra: readonly (readonly string[])[] = []) {
    for (const phrase of listOf(COUNTED)) this.#add(phrase, 'hide', 'anywhere', true)
    for (const phrase of listOf(ANYWHERE)) this.#add(phrase, 'hide', 'anywhere')
    for (const phrase of listOf(AT_THE_END)) this.#add(phrase, 'hide', 'end')
    for (const phrase of listOf(WHOLE)) this.#add(phrase, 'hide', 'whole')
    for (const phrase of listOf(WHOLE_AND_TEXT)) this.#add(phrase, 'hide-text', 'whole')
    for (const phrase of extra) this.#add(phrase, 'hide', 'anywhere')
  }

  actionOf(words: readonly string[]): NameAction {
    let action: NameAction = 'show'
    for (let start = 0; start < words.length && action !== 'hide'; start++) {
      const word = words[start]!
      const here = this.#actionAt(words, start, word, false) ?? this.#actionAt(words, start, singular(word), true)
      action = here ?? action
    }
    return action
  }

  #actionAt(words: readonly string[], start: number, first: string, isPlural: boolean): NameAction | undefined {
    if (first === '') return undefined
    const phrases = this.#phrases.get(first) ?? (ENDINGS.some((ending) => first.endsWith(ending)) ? IN_ONE_PIECE : [])
    for (const phrase of phrases) {
      const end = start + phrase.words.length
      const fit = fits(phrase, words, start, isPlural)
      if (fit === 'no' || !isInPlace(phrase, words, start, end)) continue
      if (isHarmless(words, start, end, fit === 'plural')) continue
      return fit === 'plural' && phrase.isCounted ? 'hide-text-inside' : phrase.action
    }
    return undefined
  }

  #add(words: readonly string[], action: NameAction, place: Phrase['place'], isCounted = false): void {
    this.#index({ words, action, place, isCounted })
    if (words.length > 1) this.#index({ words: [words.join('')], action, place, isCounted })
  }

  #index(phrase: Phrase): void {
    const first = phrase.words[0]!
    const others = this.#phrases.get(first)
    if (others === undefined) this.#phrases.set(first, [phrase])
    else others.push(phrase)
  }
}

const IN_ONE_PIECE: readonly Phrase[] = [{ words: [''], action: 'hide', place: 'anywhere', isCounted: true }]

/** Whether the phrase stands at `start`, its last word possibly in the plural. */
function fits(
  phrase: Phrase,
  words: readonly string[],
  start: number,
  isPlural: boolean,
): 'no' | 'singular' | 'plural' {
  const last = phrase.words.length - 1
  if (last === 0) return isPlural ? 'plural' : 'singular'
  if (isPlural) return 'no'
  for (let index = 1; index < last; index++) if (words[start + index] !== phrase.words[index]) return 'no'
  const word = words[start + last]
  if (word === undefined) return 'no'
  if (word === phrase.words[last]) return 'singular'
  return singular(word) === phrase.words[last] ? 'plural' : 'no'
}

function isInPlace(phrase: Phrase, words: readonly string[], start: number, end: number): boolean {
  if (phrase.place === 'anywhere') return true
  return end === words.length && (phrase.place === 'end' || start === 0)
}

function isHarmless(words: readonly string[], start: number, end: number, isPlural: boolean): boolean {
  const last = words[end - 1]!
  const before = words[start - 1]
  if (end < words.length) {
    const ending = words.at(-1)!
    if (ABOUT.has(ending)) return true
    return (ending === 'id' || ending === 'ids') && NAMED_BY_ID.some((word) => last.endsWith(word))
  }
  if (before === undefined) return false
  return (last === 'tokens' && isPlural && QUANTITIES.has(before)) || (last === 'token' && CURSORS.has(before))
}

/** Without the `s` of the plural; empty where there is none. */
function singular(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : ''
}

function listOf(phrases: string): string[][] {
  return phrases.split('|').map((phrase) => phrase.trim().split(' '))
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.trim().split(/\s+/))
}
