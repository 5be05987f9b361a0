import type { CacheLookupMessage, Clock, Exchange, RequestLike } from '@hardening/core'
import type { ResponseStore } from '../create-cache.js'
import { answerPart, cutDown, cutOfPart, putHeaders, sayStatus } from './answer.js'
import { normalUrl, uriKey, variantKey } from './keys.js'
import { isRefresh, refreshBehind } from './refresh.js'
import { ResponsePlan, type PlanHost } from './response-plan.js'
import { ageOf, joinParts, wholeBody, type StoredResponse, type StoredVary } from './stored.js'
import { verdictOn, wishesOf, type RequestWishes } from './wishes.js'

export interface ResponseCacheSettings {
  readonly name: string
  readonly store: ResponseStore
  readonly clock: Clock
  readonly defaultSeconds: number
  readonly maxBodyBytes: number
  readonly keepStaleMs: number
  readonly query: readonly string[] | undefined
  readonly credentialHeaders: readonly string[]
  readonly partition: ((req: RequestLike) => string | undefined) | undefined
  readonly clientDirectives: boolean
  readonly waitMs: number
  tell(exchange: Exchange, outcome: CacheLookupMessage['outcome'], level: CacheLookupMessage['level']): void
  setPlan(exchange: Exchange, plan: ResponsePlan | 'unsafe'): void
}

/** Headers by which applications know their users. */
const credentials = [
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-access-token',
  'x-session-token',
  'x-amzn-oidc-identity',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-remote-user',
  'x-user-id',
  'x-client-cert',
  'x-ssl-client-cert',
  'x-csrf-token',
] as const

const safe = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'])

/** One request's question. */
interface Query {
  readonly exchange: Exchange
  readonly key: string
  readonly url: string
  readonly wishes: RequestWishes
  readonly isCredentialed: boolean
}

/** Looks up, waits, validates, keeps and forgets responses. */
export class ResponseCache implements PlanHost {
  readonly name: string
  readonly maxBodyBytes: number
  readonly defaultSeconds: number
  readonly #settings: ResponseCacheSettings
  readonly #store: ResponseStore
  /** Responses that are being made, by key, and who waits for them. */
  readonly #making = new Map<string, { promise: Promise<boolean>; resolve: (isKept: boolean) => void }>()
  readonly #leaders = new WeakMap<ResponsePlan, string>()
  /** Keys whose last response could not be kept: nobody waits for those. */
  readonly #unkept = new Set<string>()
  readonly #refreshing = new Set<string>()

  constructor(settings: ResponseCacheSettings) {
    this.#settings = settings
    this.#store = settings.store
    this.name = settings.name
    this.maxBodyBytes = settings.maxBodyBytes
    this.defaultSeconds = settings.defaultSeconds
  }

  now(): number {
    return this.#settings.clock.now()
  }

  request(exchange: Exchange): void | Promise<void> {
    const { req, method, headers } = exchange
    if (!safe.has(method)) return this.#settings.setPlan(exchange, 'unsafe')
    if ((method !== 'GET' && method !== 'HEAD') || !isPlain(headers)) return this.#bypass(exchange, 'method')
    const wishes = wishesOf(headers)
    const partition = this.#settings.partition?.(req)
    const isCredentialed = partition === undefined && this.#showsUser(exchange)
    const url = normalUrl(exchange.url, this.#settings.query)
    const query = { exchange, key: this.#keyOf(req, url, partition), url, wishes, isCredentialed }
    const first = this.#store.peek(query.key) as StoredResponse | StoredVary | undefined
    const found =
      first?.kind === 'vary'
        ? (this.#store.peek(variantKey(query.key, first.fields, headers)) as StoredResponse)
        : first
    if (found !== undefined) return this.#use(query, found, 'memory')
    return this.#look(query)
  }

  /** Forgets what an unsafe request has changed, where it went well (RFC 9111 section 4.4). */
  invalidateAfter({ req, res }: Exchange): void {
    if (res.statusCode < 200 || res.statusCode >= 400) return
    const host = req.headers.host ?? ''
    const base = `${schemeOf(req)}://${host}`
    const urls = new Set([req.originalUrl ?? req.url ?? '/'])
    for (const name of ['location', 'content-location']) {
      const value = res.getHeader(name)
      if (typeof value !== 'string' || !URL.canParse(value, `${base}${req.originalUrl ?? '/'}`)) continue
      const target = new URL(value, `${base}${req.originalUrl ?? '/'}`)
      // Somebody else's are not ours to forget.
      if (target.host === host.toLowerCase()) urls.add(target.pathname + target.search)
    }
    const tags = [...urls].map((url) => this.#uriTag(req, normalUrl(url, this.#settings.query)))
    this.#store.deleteByTag(tags).catch(() => undefined)
  }

  keep(plan: ResponsePlan, stored: StoredResponse, vary: readonly string[]): void {
    const { freshness } = stored
    const left = freshness.lifetime - freshness.initialAge
    const grace = Math.max(freshness.swr, freshness.sie) * 1000
    const ttlMs = Math.min(366 * 86_400_000, Math.max(0, left * 1000) + Math.max(grace, this.#settings.keepStaleMs))
    const { url } = plan.fields
    const tags = [this.#uriTag(plan.exchange.req, url), ...plan.tags].slice(0, 128)
    try {
      const { since } = plan.fields
      let { key } = plan.fields
      if (vary.length > 0) {
        const index: StoredVary = { kind: 'vary', fields: vary }
        this.#store.keep(key, index, tags, ttlMs, since)
        key = variantKey(key, vary, plan.asked)
      }
      this.#store.keep(key, this.#joined(key, stored), tags, ttlMs, since)
    } catch (error) {
      // What cannot be kept is answered with all the same.
      plan.exchange.res.emit('warning', error)
    }
  }

  /** A part with the part that is kept already, where the two meet. */
  #joined(key: string, stored: StoredResponse): StoredResponse {
    const before = stored.part === undefined ? undefined : (this.#store.peek(key) as StoredResponse | undefined)
    const joined = before?.kind === 'response' ? joinParts(before, stored) : undefined
    return joined === undefined || joined.body.length > this.maxBodyBytes ? stored : joined
  }

  done(plan: ResponsePlan, isKept: boolean): void {
    const key = this.#leaders.get(plan)
    if (key === undefined) return
    if (isKept) this.#unkept.delete(key)
    else if (this.#unkept.add(key).size > 1000) this.#unkept.delete(this.#unkept.values().next().value as string)
    this.#making.get(key)?.resolve(isKept)
    this.#making.delete(key)
  }

  async #look(query: Query): Promise<void> {
    const { exchange } = query
    const first = await this.#store.get<StoredResponse | StoredVary>(query.key)
    const isVary = first?.kind === 'vary'
    const found = isVary
      ? await this.#store.get<StoredResponse>(variantKey(query.key, first.fields, exchange.req.headers))
      : first
    if (found?.kind === 'response') return this.#use(query, found, 'redis')
    return this.#miss(query, isVary ? 'vary-miss' : 'uri-miss')
  }

  #use(query: Query, stored: StoredResponse, level: 'memory' | 'redis', how = 'hit'): void | Promise<void> {
    const { exchange, wishes } = query
    if (query.isCredentialed && !stored.freshness.isShared) return this.#bypass(exchange, 'bypass', query)
    if (isRefresh(exchange.req)) return this.#run(query, stored, 'stale')
    const range = cutOfPart(stored, exchange.headers)
    if (stored.part !== undefined && (range === undefined || exchange.req.method !== 'GET')) {
      return this.#miss(query, 'partial')
    }
    const heard = this.#settings.clientDirectives
      ? wishes
      : { ...wishes, noCache: false, maxAge: Infinity, minFresh: 0 }
    const verdict = verdictOn(stored.freshness, ageOf(stored, this.now()), heard)
    if (stored.part !== undefined && verdict !== 'fresh') return this.#miss(query, 'stale')
    if (verdict === 'validate') {
      if (wishes.onlyIfCached) return this.#refuse(exchange)
      return this.#run(query, stored, heard.noCache || ageOf(stored, this.now()) > heard.maxAge ? 'request' : 'stale')
    }
    if (verdict === 'stale' && !this.#refresh(query)) return this.#run(query, stored, 'stale')
    this.#settings.tell(exchange, verdict === 'stale' ? 'stale' : 'hit', level)
    const now = this.now()
    const { res } = exchange
    res.statusCode = stored.status
    putHeaders(exchange, stored, now)
    const left = Math.floor(stored.freshness.lifetime - ageOf(stored, now))
    sayStatus(exchange, this.name, `${how}; ttl=${left}`)
    const body =
      range === undefined || stored.part === undefined
        ? cutDown(exchange, stored, exchange.headers)
        : answerPart(exchange, range, stored.part.total, stored.body, stored.part.start)
    exchange.answer(res.statusCode, undefined, body === stored.body ? wholeBody(stored) : body, 'latin1')
  }

  #miss(query: Query, reason: string): void | Promise<void> {
    const { exchange, key, wishes } = query
    if (wishes.onlyIfCached) return this.#refuse(exchange)
    this.#settings.tell(exchange, 'miss', 'none')
    const making = this.#making.get(key)
    const mayWait = exchange.req.method === 'GET' && !query.isCredentialed && !wishes.noStore && !this.#unkept.has(key)
    if (making === undefined || !mayWait) return this.#run(query, undefined, reason)
    return this.#waitFor(making.promise).then((isKept) => {
      if (exchange.ended) return undefined
      return isKept ? this.#lookAgain(query, reason) : this.#run(query, undefined, reason)
    })
  }

  async #lookAgain(query: Query, reason: string): Promise<void> {
    const { headers } = query.exchange.req
    const first = await this.#store.get<StoredResponse | StoredVary>(query.key)
    const found =
      first?.kind === 'vary'
        ? await this.#store.get<StoredResponse>(variantKey(query.key, first.fields, headers))
        : first
    if (found?.kind === 'response') return this.#use(query, found, 'memory', `fwd=${reason}; collapsed`)
    return this.#run(query, undefined, 'vary-miss')
  }

  #waitFor(promise: Promise<boolean>): Promise<boolean> {
    const { clock, waitMs } = this.#settings
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => resolve(false), waitMs)
      void promise.then((isKept) => {
        clock.clearTimeout(timer)
        resolve(isKept)
        return undefined
      })
    })
  }

  /** Lets the route answer, and keeps what it says. */
  #run(query: Query, stale: StoredResponse | undefined, reason: string): void {
    const { exchange, key } = query
    const { req } = exchange
    const plan = new ResponsePlan(this, { ...query, since: this.#store.begin(), stale, reason })
    if (req.method === 'GET' && req.headers.range === undefined && !query.isCredentialed && !this.#making.has(key)) {
      let resolve!: (isKept: boolean) => void
      const promise = new Promise<boolean>((settle) => (resolve = settle))
      this.#making.set(key, { promise, resolve })
      this.#leaders.set(plan, key)
    }
    this.#settings.setPlan(exchange, plan)
    plan.start()
  }

  #refresh(query: Query): boolean {
    const { key, exchange } = query
    if (this.#refreshing.has(key)) return true
    const isStarted = refreshBehind(exchange, () => this.#refreshing.delete(key))
    if (isStarted) this.#refreshing.add(key)
    return isStarted
  }

  #bypass(exchange: Exchange, reason: string, query?: Query): void {
    if (query?.isCredentialed === true) this.#settings.tell(exchange, 'bypass', 'none')
    exchange.setHeader('Cache-Status', `${this.name}; fwd=${reason}`)
  }

  #refuse(exchange: Exchange): void {
    exchange.answer(504, {
      'Cache-Control': 'no-store',
      'Cache-Status': `${this.name}; detail=only-if-cached`,
    })
  }

  #showsUser(exchange: Exchange): boolean {
    const { req, headers } = exchange
    if (exchange.context.user !== undefined) return true
    for (const name of credentials) if (headers[name] !== undefined) return true
    for (const name of this.#settings.credentialHeaders) if (headers[name] !== undefined) return true
    return (req.socket as { authorized?: boolean }).authorized === true
  }

  #keyOf(req: RequestLike, url: string, partition = ''): string {
    return uriKey(url, req.headers, schemeOf(req), partition)
  }

  #uriTag(req: RequestLike, url: string): string {
    return uriKey(url, { host: req.headers.host }, 'uri', '')
  }
}

function schemeOf(req: RequestLike): string {
  return (req.socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http'
}

/** A request whose answer its URL and headers alone decide. */
function isPlain(headers: RequestLike['headers']): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  const isOther = headers.upgrade !== undefined || headers['x-http-method-override'] !== undefined
  return !hasBody && !isOther && headers['if-match'] === undefined && headers['if-unmodified-since'] === undefined
}
