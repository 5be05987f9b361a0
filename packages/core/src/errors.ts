/**
 * Every error that the toolkit throws carries this brand. A registered symbol is the same one in every copy of the
 * package, so an error made by the ESM copy is recognised by the CommonJS copy, where `instanceof` would say no.
 */
const brand: unique symbol = Symbol.for('@hardening/error')

/** Base of every error of the toolkit. Tell errors apart by {@link HardeningError.code}, not by `instanceof`. */
export abstract class HardeningError extends Error {
  /** Stable name of the failure, `ERR_<PACKAGE>_<WHAT>`. Never renamed, never reused; one heading in docs/errors.md. */
  abstract readonly code: string

  static {
    Object.defineProperty(this.prototype, brand, { value: true })
    Object.defineProperty(this.prototype, 'name', {
      configurable: true,
      get(this: object) {
        return this.constructor.name
      },
      set(this: object, value: unknown) {
        Object.defineProperty(this, 'name', { value, configurable: true, writable: true })
      },
    })
  }
}

/**
 * Whether `value` is an error of the toolkit, of whichever copy of the package; with `code`, whether it is that one.
 *
 * @example
 * if (isHardeningError(error, 'ERR_REDIS_UNAVAILABLE')) return fallback()
 */
export function isHardeningError(value: unknown, code?: string): value is HardeningError {
  try {
    if (typeof value !== 'object' || value === null) return false
    const candidate = value as { [brand]?: unknown; code?: unknown }
    return candidate[brand] === true && (code === undefined || candidate.code === code)
  } catch {
    // A proxy or getter that throws is none of ours.
    return false
  }
}

/** One thing that is wrong with the options of a factory. */
export interface ConfigIssue {
  /** The option at fault as the caller wrote it: `limit`, `policies[0].window`. */
  readonly option: string
  /** What the option accepts, to be read after "must be": `a positive integer`. */
  readonly expected: string
  /** The value it got. Never a secret: callers pass a description instead of the value where it may be one. */
  readonly got: unknown
}

/**
 * Thrown by a factory whose options cannot work, when it is called. Never thrown while a request is served.
 * Code `ERR_CONFIG_INVALID`.
 */
export class ConfigError extends HardeningError {
  override readonly code: string = 'ERR_CONFIG_INVALID'
  /** The factory that refused: `rateLimit`. */
  readonly factory: string
  /** Everything that is wrong, so that all can be mended at once. Never empty. */
  readonly issues: readonly ConfigIssue[]

  constructor(factory: string, issues: readonly ConfigIssue[])
  constructor(factory: string, option: string, expected: string, got: unknown)
  constructor(factory: string, first: string | readonly ConfigIssue[], expected = '', got?: unknown) {
    const issues = typeof first === 'string' ? [{ option: first, expected, got }] : first
    super(issues.map((issue) => describeIssue(factory, issue)).join('\n'))
    this.factory = factory
    this.issues = issues
  }

  /** The first option at fault. */
  get option(): string {
    return this.issues[0]?.option ?? ''
  }
}

function describeIssue(factory: string, { option, expected, got }: ConfigIssue): string {
  return `${factory}: \`${option}\` must be ${expected}, got ${describeValue(got)}`
}

/** A value as an error message shows it: short, on one line, and never failing. */
export function describeValue(value: unknown): string {
  try {
    if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
    if (Object.is(value, -0)) return '-0'
    if (typeof value !== 'object' || value === null) return String(value)
    if (value instanceof RegExp || value instanceof Date) return String(value)
    const json = JSON.stringify(value) as string | undefined
    const text = json ?? Object.prototype.toString.call(value)
    return text.length > 80 ? `${text.slice(0, 77)}...` : text
  } catch {
    return 'an unreadable value'
  }
}

/** What an {@link HttpError} may be given beside its detail. */
export interface HttpErrorOptions {
  /** What led to it; kept for logs, never sent. */
  cause?: unknown
  /** Response headers to send with it: `{ 'Retry-After': '30' }`. */
  headers?: Readonly<Record<string, string>>
  /**
   * Whether the detail may be sent to the client.
   *
   * @defaultValue `true` below 500, else `false`
   */
  expose?: boolean
  /** Stable code, if the class does not fix one. */
  code?: string
  /** Problem type URI (RFC 9457 section 3.1.1). @defaultValue `about:blank` */
  type?: string
  /** Short summary of the problem type (RFC 9457 section 3.1.3). @defaultValue the phrase of the status */
  title?: string
  /** Further members of the problem body (RFC 9457 section 3.2): plain JSON data, meant for the client. */
  extensions?: Readonly<Record<string, unknown>>
}

/**
 * An error that knows its HTTP status. Pass it to `next(error)` or throw it; the error handler of `@hardening/errors`
 * sends it as a problem (RFC 9457), and Express's own handler understands `status` and `headers` too.
 */
export class HttpError extends HardeningError {
  override readonly code: string
  /** HTTP status, 400 to 599. */
  readonly status: number
  /** Problem type URI. */
  readonly type: string
  /** Short summary of the problem type; `undefined` stands for the phrase of the status. */
  readonly title: string | undefined
  /** What went wrong this time, for the client where {@link HttpError.expose} allows. */
  readonly detail: string
  /** Whether the client may see the detail. */
  readonly expose: boolean
  /** Response headers to send with it. */
  readonly headers: Readonly<Record<string, string>>
  /** Further members of the problem body. */
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(status: number, detail: string, options: HttpErrorOptions = {}) {
    super(detail, 'cause' in options ? { cause: options.cause } : undefined)
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new ConfigError(new.target.name, 'status', 'an HTTP status from 400 to 599', status)
    }
    this.status = status
    this.detail = detail
    this.code = options.code ?? (status < 500 ? 'ERR_HTTP_CLIENT' : 'ERR_HTTP_SERVER')
    this.type = options.type ?? 'about:blank'
    this.title = options.title
    this.expose = options.expose ?? status < 500
    this.headers = options.headers ?? {}
    this.extensions = options.extensions ?? {}
  }
}

/** Whether `value` is an {@link HttpError}, of whichever copy of the package. */
export function isHttpError(value: unknown): value is HttpError {
  return isHardeningError(value) && typeof (value as Partial<HttpError>).status === 'number'
}
