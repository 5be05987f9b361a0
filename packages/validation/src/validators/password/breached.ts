import { durationOption, functionOption, rejectUnknownOptions, stringOption, type Duration } from '@hardening/core'
import { createHash } from 'node:crypto'

/**
 * Asks for all breached passwords whose SHA-1 begins with 5 hexadecimal digits (k-anonymity): a line each with the other 35
 * digits, a colon and a count.
 */
export type BreachRange = (prefix: string) => Promise<string>

const longestAnswer = 2_000_000

/**
 * In how many breaches a password was seen. Of the password, only the first 5 digits of its SHA-1 reach `range`.
 *
 * @throws whatever `range` rejects with.
 */
export async function breachCount(password: string, range: BreachRange): Promise<number> {
  const hash = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase()
  const lines = (await range(hash.slice(0, 5))).slice(0, longestAnswer).toUpperCase()
  const at = `\n${lines}`.indexOf(`\n${hash.slice(5)}:`)
  if (at === -1) return 0
  const count = /^\d{1,12}/.exec(lines.slice(at + 36))
  return count === null ? 1 : Number(count[0])
}

/** What {@link pwnedPasswords} may be given. */
export interface PwnedPasswordsOptions {
  /** Makes the request. @defaultValue the global `fetch` */
  fetch?: typeof fetch
  /** Where the service stands; the prefix is put behind it. @defaultValue `'https://api.pwnedpasswords.com/range/'` */
  url?: string
  /** How long an answer may take. @defaultValue `'2s'` */
  timeout?: Duration
}

/**
 * The range API of Have I Been Pwned as a {@link BreachRange}, with padding, so that not even the length of an answer tells the
 * prefix.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work.
 */
export function pwnedPasswords(options: PwnedPasswordsOptions = {}): BreachRange {
  rejectUnknownOptions('pwnedPasswords', options, ['fetch', 'url', 'timeout'])
  const { fetch: ask = globalThis.fetch, url = 'https://api.pwnedpasswords.com/range/', timeout = '2s' } = options
  functionOption('pwnedPasswords', 'fetch', ask)
  stringOption('pwnedPasswords', 'url', url)
  const timeoutMs = durationOption('pwnedPasswords', 'timeout', timeout, { min: 1 })

  return async (prefix) => {
    const response = await ask(url + prefix, {
      headers: { 'Add-Padding': 'true' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!response.ok) throw new Error(`The range of breached passwords was answered with ${response.status}`)
    return response.text()
  }
}
