/** Names of the warnings; each is given once for a limiter. */
export type RateLimitWarning =
  | 'HARDENING_RATELIMIT_TRUST_PROXY'
  | 'HARDENING_RATELIMIT_FORWARDED_FOR'
  | 'HARDENING_RATELIMIT_NO_ADDRESS'
  | 'HARDENING_RATELIMIT_SHARED_NAME'

const messages: Readonly<Record<RateLimitWarning, string>> = {
  HARDENING_RATELIMIT_TRUST_PROXY:
    "Express is set to `trust proxy: true`, so every client chooses its own address by sending X-Forwarded-For and no limit by address holds. Set the number of proxies in front of the application, or their addresses: app.set('trust proxy', 1).",
  HARDENING_RATELIMIT_FORWARDED_FOR:
    "A request came with X-Forwarded-For while Express has `trust proxy` off. If a proxy stands in front, all clients share the proxy's limit: set the number of proxies, app.set('trust proxy', 1). If none does, the client made the header up, and it was not believed.",
  HARDENING_RATELIMIT_NO_ADDRESS:
    "A request has no client address, as over a Unix socket without `trust proxy`, so that all such clients share one limit. Set app.set('trust proxy', ...), or give a `key` of your own.",
  HARDENING_RATELIMIT_SHARED_NAME:
    'Two limiters use one Redis with the same prefix and name, so that they count into the same keys and every request counts twice. Give each a `name`.',
}

/** Gives each warning once. */
export class Warnings {
  readonly #given = new Set<RateLimitWarning>()
  readonly #limiter: string

  constructor(limiter: string) {
    this.#limiter = limiter
  }

  has(code: RateLimitWarning): boolean {
    return this.#given.has(code)
  }

  give(code: RateLimitWarning): void {
    if (this.#given.has(code)) return
    this.#given.add(code)
    process.emitWarning(`Rate limiter ${this.#limiter}: ${messages[code]}`, { type: 'HardeningWarning', code })
  }
}
