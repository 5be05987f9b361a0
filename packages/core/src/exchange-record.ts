import { validateHeaderValue, type IncomingHttpHeaders } from 'node:http'
import { clientAddress } from './address/client-address.js'
import type { Clock } from './clock.js'
import type { ContextRecord, RequestContext } from './context.js'
import type { BodyFilter, BodySink, Exchange, NoteKey } from './exchange.js'
import { exchangeSlot } from './exchange-slot.js'
import { headerName, type HeaderName } from './head/header-name.js'
import { isUntouched } from './head/out-headers.js'
import { ResponseHead } from './head/response-head.js'
import { connectionSink, installResponseHooks, isHooked } from './head/response-hooks.js'
import type { StaticHead } from './head/static-head.js'
import type { AppLike, RequestLike, ResponseLike } from './http.js'
import { oncePerPair } from './once-per-pair.js'
import { captureRoute, routeTemplate } from './route/index.js'
import { adoptServer } from './server/adopt-server.js'
import { isMadeForExpress } from './server/express-classes.js'
import type { Step } from './step.js'

type HeldResponse = ResponseLike & { [exchangeSlot]?: ExchangeRecord }

/** {@link Exchange} as the house itself uses it. */
export class ExchangeRecord implements Exchange {
  readonly req: RequestLike
  readonly res: ResponseLike
  context: RequestContext
  readonly start: number
  head: ResponseHead | undefined = undefined
  /** Whether the lines of {@link head} have been written. Asked of the response, it would cost a walk up its prototypes. */
  isHeadOut = false
  sink: BodySink | undefined = undefined
  bytes = 0
  error: unknown = undefined
  refusal: unknown = undefined
  settled = false
  /** Whether a step has made the pass wait. */
  hasWaited = false
  ended = false
  aborted = false
  durationMs = 0
  #clock: Clock
  readonly #root: AppLike | undefined
  #steps: readonly Step[] = noSteps
  #ends: readonly Step[] = noSteps
  #heads: readonly Step[] = noSteps
  /** Key and value in turn: a response has a handful. */
  #notes: unknown[] | undefined = undefined
  #filters: BodyFilter[] | undefined = undefined
  #route: string | undefined = undefined
  #status: number | undefined = undefined
  readonly method: string
  readonly url: string
  readonly #app: AppLike | undefined
  #headers: IncomingHttpHeaders | undefined = undefined
  #path: string | undefined = undefined
  #ip: string | undefined | null = null

  constructor(req: RequestLike, res: ResponseLike, context: RequestContext, clock: Clock) {
    this.req = req
    this.res = res
    this.context = context
    this.#clock = clock
    this.start = clock.monotonic()
    // Kept from now: a sub-app in a router leaves the request with its own prototype. And read once: where the server
    // is not the kit's, V8 has to look each property of a request up anew.
    this.#app = req.app
    this.#root = rootOf(this.#app)
    this.method = req.method ?? 'GET'
    this.url = req.originalUrl ?? req.url ?? '/'
    this.head = new ResponseHead(isUntouched(res))
  }

  get path(): string {
    return (this.#path ??= pathOf(this.url))
  }

  get headers(): IncomingHttpHeaders {
    return (this.#headers ??= this.req.headers)
  }

  get trustsProxy(): boolean {
    return this.#app !== undefined && Boolean(this.#app.settings?.['trust proxy'])
  }

  get ip(): string | undefined {
    if (this.#ip === null) this.#ip = clientAddress(this.req, this.trustsProxy)
    return this.#ip
  }

  setHeader(name: string | HeaderName, value: string, isChecked = false): void {
    if (this.#isTooLate()) return
    const known = typeof name === 'string' ? headerName(name) : name
    if (!isChecked && invalidInValue.test(value)) validateHeaderValue(known.name, value)
    if (this.head !== undefined && known.isPlain) this.head.set(known, value)
    else if (!this.res.hasHeader(known.name)) this.res.setHeader(known.name, value)
  }

  removeHeader(name: string): void {
    if (this.#isTooLate()) return
    const known = headerName(name)
    if (this.head !== undefined && known.isPlain) this.head.remove(known)
    else this.res.removeHeader(name)
  }

  get meets(): boolean {
    return this.head === undefined || this.head.meets
  }

  vary(field: string): void {
    if (this.#isTooLate()) return
    if (this.head !== undefined) this.head.vary(field)
    else this.res.appendHeader('Vary', field)
  }

  setHeaders(head: StaticHead): void {
    if (this.#isTooLate()) return
    if (this.head !== undefined) this.head.add(head)
    else
      for (const [{ name }, value] of head.byName.values())
        if (!this.res.hasHeader(name)) this.res.setHeader(name, value)
  }

  #isTooLate(): boolean {
    return this.head === undefined ? this.res.headersSent : this.isHeadOut
  }

  /** Sets every header of ours that the application has not, by the public API. */
  writeHeadersPlainly(): void {
    const head = this.head
    if (head === undefined) return
    this.head = undefined
    for (const [name, value] of head.entries()) {
      if (name === 'Vary') this.res.appendHeader(name, value)
      else if (!this.res.hasHeader(name)) this.res.setHeader(name, value)
    }
  }

  refuse(error: unknown): void {
    if (this.settled) return
    this.refusal = error
    this.settled = true
  }

  answer(
    status: number,
    headers: Readonly<Record<string, string>> = {},
    body?: string | Uint8Array,
    encoding: BufferEncoding = 'utf8',
  ): void {
    if (this.settled) return
    this.settled = true
    if (this.res.headersSent) return
    this.res.statusCode = status
    for (const name in headers) this.res.setHeader(name, headers[name] as string)
    if (typeof body === 'string') this.res.end(body, encoding)
    else this.res.end(body)
  }

  filterBody(filter: BodyFilter): void {
    if (this.#filters === undefined) this.#filters = [filter]
    else this.#filters.push(filter)
  }

  /** Whether filters wait for the first of the body. */
  get hasFilters(): boolean {
    return this.#filters !== undefined
  }

  /** Makes the sinks that filters asked for. `bytes` is the length of a body that is given whole, else `Infinity`. */
  makeSinks(bytes: number): void {
    const filters = this.#filters
    if (filters === undefined) return
    this.#filters = undefined
    for (const filter of filters) {
      if (bytes < (filter.atLeast ?? 0)) continue
      this.sink = filter.wrap(this.sink ?? connectionSink(this.res), this)
    }
  }

  cancel(reason: Error): void {
    ;(this.context as Partial<ContextRecord>).cancel?.(reason)
  }

  note<Value>(key: NoteKey<Value>): Value | undefined {
    const notes = this.#notes
    if (notes === undefined) return undefined
    for (let at = 0; at < notes.length; at += 2) if (notes[at] === key) return notes[at + 1] as Value
    return undefined
  }

  setNote<Value>(key: NoteKey<Value>, value: Value): void {
    if (this.#notes === undefined) {
      this.#notes = [key, value]
      return
    }
    const notes = this.#notes
    for (let at = 0; at < notes.length; at += 2) {
      if (notes[at] !== key) continue
      notes[at + 1] = value
      return
    }
    notes.push(key, value)
  }

  get status(): number {
    return this.#status ?? this.res.statusCode
  }

  get route(): string {
    return (this.#route ??= routeTemplate(this.req, this.#root, this.status))
  }

  set route(template: string) {
    this.#route = template
  }

  /** Lets the steps of a pass hear of this response. */
  join(steps: readonly Step[], heads: readonly Step[], ends: readonly Step[]): void {
    if (this.#steps === steps) return
    this.#steps = steps
    if (heads.length > 0) this.#heads = this.#heads.length === 0 ? heads : together(this.#heads, heads)
    if (ends.length > 0) this.#ends = this.#ends.length === 0 ? ends : together(this.#ends, ends)
  }

  get hasHeadSteps(): boolean {
    return this.#heads.length > 0
  }

  /** Calls the steps that want to see the head before it goes out. */
  beforeHead(): void {
    const steps = this.#heads
    this.#heads = noSteps
    for (const step of steps) {
      try {
        step.head?.(this)
      } catch (error) {
        // The head has to go out whatever a step does; what failed is told with the response's end.
        this.error ??= error
      }
    }
  }

  /** Called once, when the response has ended or its connection has died. */
  end(): void {
    if (this.ended) return
    this.ended = true
    this.durationMs = this.#clock.monotonic() - this.start
    this.aborted = !this.res.writableFinished
    const { statusCode } = this.res
    if (this.method === 'HEAD' || statusCode === 304 || statusCode === 204) this.bytes = 0
    this.#status = this.aborted && !this.res.headersSent ? 499 : statusCode
    if (this.aborted) this.cancel(new Error('The client has gone'))
    for (const step of this.#ends) {
      try {
        step.end?.(this)
      } catch (error) {
        process.emitWarning(`The step ${step.name} failed at the end of a response: ${String(error)}`, {
          code: 'HARDENING_STEP_END',
        })
      }
    }
  }
}

const noSteps: readonly Step[] = []

/** The steps of two passes in their order. */
const together = oncePerPair((first: readonly Step[], second: readonly Step[]): readonly Step[] => [
  ...first,
  ...second,
])

/** What may not stand in the value of a header (RFC 9110 section 5.5); Node says what is wrong with it. */
// oxlint-disable-next-line no-control-regex
const invalidInValue = /[^\t\x20-\x7e\x80-\xff]/

function onClose(this: HeldResponse): void {
  this[exchangeSlot]?.end()
}

/** The exchange of a response, if one was opened. */
export function exchangeOf(res: ResponseLike): ExchangeRecord | undefined {
  return (res as HeldResponse)[exchangeSlot]
}

/** The exchange of a request: the one that is open, or a new one with the one listener that all observers share. */
export function openExchange(
  req: RequestLike,
  res: ResponseLike,
  makeContext: (req: RequestLike) => RequestContext,
  clock: Clock,
): ExchangeRecord {
  const open = (res as HeldResponse)[exchangeSlot]
  if (open !== undefined) return open
  if (!isHooked(res)) {
    if (req.app === undefined) installResponseHooks(res)
    else prepareApp(req.app)
  }
  if (!isMadeForExpress(res) && req.app !== undefined) adoptServer(req, rootOf(req.app) as AppLike)
  const exchange = new ExchangeRecord(req, res, makeContext(req), clock)
  ;(res as HeldResponse)[exchangeSlot] = exchange
  res.on('close', onClose)
  return exchange
}

/**
 * Extends the prototypes of an application's requests and responses, once: see {@link installResponseHooks} and
 * {@link captureRoute}. Done at the first request, or by whoever builds the server.
 */
export function prepareApp(app: AppLike): void {
  const root = rootOf(app) as AppLike
  installResponseHooks(sharedPrototype(root.response, 'send'))
  captureRoute(sharedPrototype(root.request, 'accepts'))
}

/**
 * The prototype that all applications of one copy of Express share, where `prototype` stands on it. An application in a
 * router (`router.use(subApp)`) gives requests and responses its own prototypes and never gives them back: only what
 * stands below both still holds then. What is put there does nothing for a response without an exchange.
 */
function sharedPrototype(prototype: object, method: string): object {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, method)) return at
  }
  return prototype
}

function rootOf(app: AppLike | undefined): AppLike | undefined {
  let root = app
  while (root?.parent !== undefined) root = root.parent
  return root
}

function pathOf(url: string): string {
  const query = url.indexOf('?')
  const target = query === -1 ? url : url.slice(0, query)
  if (target.charCodeAt(0) === 47) return target
  // The absolute form of a request target (RFC 9112 section 3.2.2): what follows the authority.
  const authority = target.indexOf('://')
  if (authority === -1) return target
  const path = target.indexOf('/', authority + 3)
  return path === -1 ? '/' : target.slice(path)
}
