import { ContextRecord, type RequestContext } from './context.js'
import { ConfigError } from './errors.js'
import { headerName } from './head/header-name.js'
import type { RequestLike } from './http.js'
import { booleanOption, rejectUnknownOptions } from './option.js'
import { middleware, type StepMiddleware } from './pass.js'
import { createRequestId, isValidRequestId } from './random-ids.js'
import type { Step } from './step.js'

const requestIdName = headerName('X-Request-Id')

/** Options of {@link requestContext}. */
export interface RequestContextOptions {
  /**
   * Whether an id that the client sends in `X-Request-Id` or `X-Correlation-Id` is kept where it is well formed.
   *
   * @defaultValue `true`
   */
  trustInbound?: boolean
  /** Makes ids. Must match `^[A-Za-z0-9._-]{1,128}$`. @defaultValue a random UUID */
  generate?: () => string
  /**
   * Whether `currentContext()` finds the context in all that the request starts (AsyncLocalStorage).
   *
   * @defaultValue `true`
   */
  async?: boolean
}

/**
 * Opens the context of each request and puts its id on the response as `X-Request-Id`.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.w3.org/TR/trace-context-2/
 */
export function requestContext(options: RequestContextOptions = {}): StepMiddleware {
  return middleware(requestContextStep(options))
}

function requestContextStep(options: RequestContextOptions): Step {
  rejectUnknownOptions('requestContext', options, ['trustInbound', 'generate', 'async'])
  const { trustInbound = true, generate = createRequestId, async = true } = options
  booleanOption('requestContext', 'trustInbound', trustInbound)
  booleanOption('requestContext', 'async', async)
  if (typeof generate !== 'function' || !isValidRequestId(generate())) {
    throw new ConfigError('requestContext', 'generate', 'a function that gives ids of A-Z a-z 0-9 . _ -', generate)
  }
  const make = ({ headers }: RequestLike): RequestContext => {
    const given = trustInbound ? (headers['x-request-id'] ?? headers['x-correlation-id']) : undefined
    return new ContextRecord(typeof given === 'string' && isValidRequestId(given) ? given : generate(), headers)
  }
  const isChecked = generate === createRequestId
  return {
    name: 'requestContext',
    context: { make, async },
    request(exchange) {
      exchange.setHeader(requestIdName, exchange.context.requestId, isChecked)
    },
  }
}
