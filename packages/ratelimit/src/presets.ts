import { functionOption, rejectUnknownOptions, type Exchange } from '@hardening/core'
import type { RateLimitKeyFunction } from './keys/key-source.js'
import type { RateLimitOptions } from './options.js'

/** Options of `presets.login`. */
export interface LoginPresetOptions {
  /**
   * The account that somebody tries to log in to, as they typed it. Called where the limiter is mounted, so the body has
   * to be parsed before.
   *
   * @defaultValue `email`, `username` or `login` of the parsed body
   */
  account?: (exchange: Exchange) => string | undefined
}

/**
 * Sets of options for common places; spread them to change single ones. Each has a name of its own, so that all of them
 * can share one Redis: `rateLimit({ ...presets.login(), redis })`.
 */
export const presets: {
  /** An API: 100 requests a minute, bursts of 20 a second, 5,000 an hour; escalating blocks after 50 refusals. */
  api(): RateLimitOptions
  /**
   * Logging in, where only failures (status 400 and above) of POST count: 5 in 15 minutes for an account from one
   * address, 20 in 15 minutes for an address, 100 in an hour for an account. So guessing one password, and trying one
   * password on many accounts, both end soon, and nobody can lock somebody else out from a few addresses. Whoever goes
   * on is blocked for 1, 5, then 30 minutes.
   */
  login(options?: LoginPresetOptions): RateLimitOptions
  /** Registering: 5 POST requests a minute and 20 an hour for an address; escalating blocks. */
  register(): RateLimitOptions
  /** Uploads: 10 at once refilled over a minute, 100 an hour, 3 side by side for an address. */
  upload(): RateLimitOptions
} = {
  api: () => ({
    name: 'api',
    policies: [
      { name: 'api-second', limit: 20, window: '1s' },
      { name: 'api-minute', limit: 100, window: '1m' },
      { name: 'api-hour', limit: 5000, window: '1h' },
    ],
    block: { after: 50 },
  }),
  login: (options = {}) => {
    rejectUnknownOptions('presets.login', options, ['account'])
    const account = functionOption('presets.login', 'account', options.account ?? accountOf)
    const folded = (exchange: Exchange): string | undefined => foldAccount(account(exchange))
    const pair: RateLimitKeyFunction = (exchange, addressOf) => {
      const name = folded(exchange)
      // No address has a space, so that the two cannot be read in another way.
      return name === undefined ? undefined : `${addressOf(exchange)} ${name}`
    }
    const failures = { methods: ['POST'], count: 'failures' } as const
    return {
      name: 'login',
      policies: [
        { ...failures, name: 'login-pair', limit: 5, window: '15m', key: { by: 'account-and-address', of: pair } },
        { ...failures, name: 'login-address', limit: 20, window: '15m' },
        { ...failures, name: 'login-account', limit: 100, window: '1h', key: { by: 'account', of: folded } },
      ],
      block: { after: 10 },
    }
  },
  register: () => ({
    name: 'register',
    policies: [
      { name: 'register-minute', limit: 5, window: '1m', methods: ['POST'] },
      { name: 'register-hour', limit: 20, window: '1h', methods: ['POST'] },
    ],
    block: { after: 10 },
  }),
  upload: () => ({
    name: 'upload',
    policies: [
      { name: 'upload-burst', limit: 10, window: '1m', algorithm: 'token-bucket', methods: ['POST', 'PUT', 'PATCH'] },
      { name: 'upload-hour', limit: 100, window: '1h', methods: ['POST', 'PUT', 'PATCH'] },
    ],
    concurrency: { limit: 3, name: 'upload-concurrency' },
  }),
}

function accountOf({ req }: Exchange): string | undefined {
  const body = (req as { body?: unknown }).body
  if (typeof body !== 'object' || body === null) return undefined
  const { email, username, login } = body as Record<string, unknown>
  return [email, username, login].find((value): value is string => typeof value === 'string' && value !== '')
}

/** Spellings that a login would take for one account are one account here. */
function foldAccount(account: unknown): string | undefined {
  if (typeof account !== 'string') return undefined
  return account.slice(0, 1000).normalize('NFKC').trim().toLowerCase() || undefined
}
