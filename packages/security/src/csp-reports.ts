import {
  booleanOption,
  channels,
  durationOption,
  functionOption,
  integerOption,
  middleware,
  numberOption,
  rejectUnknownOptions,
  sizeOption,
  systemClock,
  type Clock,
  type Duration,
  type Exchange,
  type RequestLike,
  type Size,
  type StepMiddleware,
} from '@hardening/core'
import { parseMediaType } from './content/media-type.js'
import { BodySizeError, ContentTypeError, ReportError } from './errors.js'
import { readReports, type BrowserReport } from './reports/browser-report.js'
import { readBody } from './reports/read-body.js'
import { Repeats } from './reports/repeats.js'

/** Options of {@link cspReports}. */
export interface CspReportsOptions {
  /** Gets each report that is not a repetition. What it throws becomes a warning of the process. */
  onReport?: (report: BrowserReport, exchange: Exchange) => void | Promise<void>
  /** How long the same report is not told of again; the next one has the count of all. @defaultValue `'10m'` */
  window?: Duration
  /** Most different reports that are remembered for that. @defaultValue `1000` */
  remember?: number
  /** Share of reports that is looked at, from 0 to 1. @defaultValue `1` */
  sample?: number
  /** Most reports that are looked at in a minute; further ones are only counted. @defaultValue `600` */
  perMinute?: number
  /** Largest body. @defaultValue `'64kb'` */
  body?: Size
  /** Most reports in one body. @defaultValue `50` */
  perBody?: number
  /** Whether what browsers' extensions cause is left out. @defaultValue `true` */
  ignoreExtensions?: boolean
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
  /** Where chance comes from: a number from 0 to below 1. @defaultValue `Math.random` */
  random?: () => number
}

/** What a collector has counted since it was made. */
export interface CspReportCounts {
  /** Reports that came in. */
  readonly received: number
  /** Reports that `onReport` got. */
  readonly told: number
  /** Reports that were the same as one within the window. */
  readonly repeated: number
  /** Reports that were left out by `sample`. */
  readonly sampledOut: number
  /** Reports beyond `perMinute`. */
  readonly overLimit: number
  /** Reports of extensions. */
  readonly ignored: number
  /** Bodies that were no reports. */
  readonly invalid: number
}

/** A collector of reports: middleware that answers, and its counts. */
export type CspReportsMiddleware = StepMiddleware & { counts(): CspReportCounts }

const types: readonly string[] = ['application/reports+json', 'application/csp-report', 'application/json']
const extensionSchemes = /^(?:chrome|moz|safari|safari-web|ms-browser|edge)-extension:/

/**
 * Takes what browsers report of violated policies: `report-uri` and the Reporting API. Mount it where
 * `reportingEndpoints` of `secureHeaders` points.
 *
 * @example
 * app.post('/reports', cspReports({ onReport: (report) => logger.warn('csp', report) }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.w3.org/TR/reporting-1/
 */
export function cspReports(options: CspReportsOptions = {}): CspReportsMiddleware {
  const collector = new Collector(options)
  const { clock = systemClock } = options
  const step = { name: 'cspReports', request: (exchange: Exchange) => collector.take(exchange) }
  return Object.assign(middleware(step, { clock }), { counts: () => ({ ...collector.counts }) })
}

class Collector {
  readonly counts = { received: 0, told: 0, repeated: 0, sampledOut: 0, overLimit: 0, ignored: 0, invalid: 0 }
  readonly #onReport: CspReportsOptions['onReport']
  readonly #repeats: Repeats
  readonly #sample: number
  readonly #perMinute: number
  readonly #bodyBytes: number
  readonly #perBody: number
  readonly #ignoreExtensions: boolean
  readonly #clock: Clock
  readonly #random: () => number
  #minute = -1
  #inMinute = 0

  constructor(options: CspReportsOptions) {
    const factory = 'cspReports'
    rejectUnknownOptions(factory, options, [
      'onReport',
      'window',
      'remember',
      'sample',
      'perMinute',
      'body',
      'perBody',
      'ignoreExtensions',
      'clock',
      'random',
    ])
    const {
      onReport,
      window = '10m',
      remember = 1000,
      sample = 1,
      perMinute = 600,
      body = '64kb',
      perBody = 50,
    } = options
    const { ignoreExtensions = true, clock = systemClock, random = Math.random } = options
    this.#onReport = onReport === undefined ? undefined : functionOption(factory, 'onReport', onReport)
    this.#repeats = new Repeats(
      durationOption(factory, 'window', window, { max: Number.MAX_SAFE_INTEGER }),
      integerOption(factory, 'remember', remember, { min: 1 }),
    )
    this.#sample = numberOption(factory, 'sample', sample, { min: 0, max: 1 })
    this.#perMinute = integerOption(factory, 'perMinute', perMinute, { min: 1 })
    this.#bodyBytes = sizeOption(factory, 'body', body, 1)
    this.#perBody = integerOption(factory, 'perBody', perBody, { min: 1 })
    this.#ignoreExtensions = booleanOption(factory, 'ignoreExtensions', ignoreExtensions)
    this.#clock = clock
    this.#random = functionOption(factory, 'random', random)
  }

  async take(exchange: Exchange): Promise<void> {
    const { req } = exchange
    if (req.method === 'OPTIONS') return exchange.answer(204, preflightHeaders)
    if (req.method !== 'POST') return exchange.answer(405, { Allow: 'POST, OPTIONS', 'Content-Length': '0' })
    const media = parseMediaType(req.headers['content-type'] ?? '')
    if (media === undefined || !types.includes(`${media.type}/${media.subtype}`)) {
      return exchange.refuse(new ContentTypeError(types))
    }
    const body = await this.#read(req)
    if (body === 'gone') return
    if (body === 'too-large') return exchange.refuse(new BodySizeError(this.#bodyBytes))
    const reports = readReports(body, this.#perBody)
    if (reports === undefined) {
      this.counts.invalid++
      return exchange.refuse(new ReportError())
    }
    for (const report of reports) this.#consider(report, exchange)
    exchange.answer(204)
  }

  /** The body as a parser before us left it, or as it comes. */
  async #read(req: RequestLike & { body?: unknown }): Promise<unknown> {
    if (req.readableEnded) return typeof req.body === 'string' ? parsed(req.body) : req.body
    const result = await readBody(req, this.#bodyBytes)
    return 'failure' in result ? result.failure : parsed(result.text)
  }

  #consider(report: BrowserReport, exchange: Exchange): void {
    const { counts } = this
    counts.received++
    if (this.#ignoreExtensions && isOfExtension(report)) return void counts.ignored++
    if (this.#sample < 1 && this.#random() >= this.#sample) return void counts.sampledOut++
    const now = this.#clock.monotonic()
    if (!this.#hasRoom(now)) return void counts.overLimit++
    const { type, documentUrl, directive, blocked, disposition, sourceFile, line } = report
    const key = JSON.stringify([type, documentUrl, directive, blocked, disposition, sourceFile, line])
    const count = this.#repeats.count(key, now)
    if (count === 0) return void counts.repeated++
    counts.told++
    this.#tell({ ...report, count }, exchange)
  }

  #hasRoom(now: number): boolean {
    const minute = Math.floor(now / 60_000)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#inMinute = 0
    }
    return ++this.#inMinute <= this.#perMinute
  }

  #tell(report: BrowserReport, exchange: Exchange): void {
    if (channels.threat.hasSubscribers) {
      const rule = report.directive ?? report.type
      const blocked = report.disposition === 'enforce'
      channels.threat.publish({ exchange, kind: report.type, rule, score: 2, field: 'browser', blocked })
    }
    if (this.#onReport === undefined) return
    try {
      const waiting = this.#onReport(report, exchange)
      if (waiting instanceof Promise) waiting.catch(warn)
    } catch (error) {
      warn(error)
    }
  }
}

// Browsers ask first where the endpoint is of another origin than the page.
const preflightHeaders: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': 'Content-Type',
  'Access-Control-Max-Age': '7200',
}

/** What a text says as JSON; `undefined`, which is no report, where it is none. */
function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' ? value : undefined
  } catch {
    return undefined
  }
}

function isOfExtension({ blocked, sourceFile }: BrowserReport): boolean {
  return extensionSchemes.test(blocked ?? '') || extensionSchemes.test(sourceFile ?? '')
}

function warn(error: unknown): void {
  process.emitWarning(`cspReports: onReport failed: ${error instanceof Error ? error.message : 'not an Error'}`, {
    code: 'HARDENING_CSP_REPORTS',
  })
}
