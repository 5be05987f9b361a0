import {
  booleanOption,
  ConfigError,
  functionOption,
  rejectUnknownOptions,
  stringOption,
  type Exchange,
} from '@hardening/core'
import type { ProblemFormat } from './negotiate.js'
import type { Problem } from './problem/problem.js'
import type { ProblemTypeRegistry } from './problem/problem-types.js'
import type { ErrorMap } from './problem/to-problem.js'

/** Texts of a problem in another language. */
export interface LocalisedTexts {
  /** Title in that language. @defaultValue the problem's */
  title?: string
  /** Detail in that language. @defaultValue the problem's */
  detail?: string
  /** The language, for `Content-Language` (RFC 9110 section 8.5). @defaultValue not said */
  language?: string
}

/** Options of {@link errorHandler}. */
export interface ErrorHandlerOptions {
  /**
   * Turns errors of the application into HTTP errors, before the toolkit's own mappings. Gets whatever was thrown;
   * `undefined` leaves it to the toolkit.
   *
   * @defaultValue none
   */
  map?: ErrorMap
  /** Types of problems by code, made by `problemTypes()`: gives them their URI and title. @defaultValue none */
  types?: ProblemTypeRegistry
  /**
   * Start of the type URI of errors that have none; their code follows. Put pages about your errors there.
   *
   * @defaultValue none: the type is `about:blank`
   */
  typeBase?: string
  /** Forms that are sent, the preferred one first. @defaultValue `['json', 'html', 'text']` */
  formats?: readonly ProblemFormat[]
  /** Makes the HTML page. What it puts in has to be escaped. @defaultValue a plain page without style or script */
  html?: (problem: Problem, exchange: Exchange) => string
  /** Gives title and detail in the client's language. @defaultValue English */
  localise?: (problem: Problem, exchange: Exchange) => LocalisedTexts | undefined
  /** URI reference of the occurrence, for `instance`; `undefined` leaves it out. @defaultValue the path of the request */
  instance?: (exchange: Exchange) => string | undefined
  /**
   * Called once for every error, before the answer goes out, with what was thrown. The place for a log line.
   * Not called where a client went while it was being served: that is no error.
   *
   * @defaultValue none: the exchange's error is left to the access log and metrics
   */
  onError?: (error: unknown, exchange: Exchange) => void
  /**
   * Puts message, stack and causes of every error into the answer, as `internal`. For development alone: this is what
   * attackers look for.
   *
   * @defaultValue `false`
   */
  dangerouslyExposeInternal?: boolean
}

const factory = 'errorHandler'
const known = [
  'map',
  'types',
  'typeBase',
  'formats',
  'html',
  'localise',
  'instance',
  'onError',
  'dangerouslyExposeInternal',
] as const satisfies readonly (keyof ErrorHandlerOptions)[]

const allFormats: readonly ProblemFormat[] = ['json', 'html', 'text']

/** Checks the options of {@link errorHandler}. @throws ConfigError `ERR_CONFIG_INVALID` */
export function checkErrorHandlerOptions(options: ErrorHandlerOptions): void {
  rejectUnknownOptions(factory, options, known)
  const { types, typeBase, formats = allFormats, dangerouslyExposeInternal = false } = options
  for (const name of ['map', 'html', 'localise', 'instance', 'onError'] as const) {
    if (options[name] !== undefined) functionOption(factory, name, options[name] as (...args: never[]) => unknown)
  }
  if (types !== undefined && typeof (types as Partial<ProblemTypeRegistry> | null)?.typeOf !== 'function') {
    throw new ConfigError(factory, 'types', 'what problemTypes() makes', types)
  }
  if (typeBase !== undefined) {
    stringOption(factory, 'typeBase', typeBase)
    if (!/^[!#$%&'()*+,/:;=?@[\]\w.~-]+$/.test(typeBase)) throw new ConfigError(factory, 'typeBase', 'a URI', typeBase)
  }
  const valid =
    Array.isArray(formats) &&
    formats.length > 0 &&
    formats.every((format: ProblemFormat) => allFormats.includes(format)) &&
    new Set(formats).size === formats.length
  if (!valid) throw new ConfigError(factory, 'formats', "a list of 'json', 'html' and 'text', each once", formats)
  booleanOption(factory, 'dangerouslyExposeInternal', dangerouslyExposeInternal)
}
