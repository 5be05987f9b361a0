import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import {
  durationOption,
  integerOption,
  rejectUnknownOptions,
  sizeOption,
  type Duration,
  type Size,
} from '@hardening/core'
import { unlessAborted } from '../unless-aborted.js'
import { UrlGuardError } from './errors.js'
import { urlGuard, type GuardedUrl, type UrlGuardOptions } from './url-guard.js'

/** Options of {@link guardedFetch}. */
export interface GuardedFetchOptions extends UrlGuardOptions {
  /** Request headers. @defaultValue {} */
  headers?: Readonly<Record<string, string>>
  /** Size up to which a body is read. @defaultValue '10mb' */
  maxBytes?: Size
  /** Time for everything, redirects included. @defaultValue '10s' */
  timeout?: Duration
  /** Redirects that are followed, each checked like the first URL. @defaultValue 3 */
  maxRedirects?: number
  /** Ends the request. */
  signal?: AbortSignal
}

/** What a server answered. */
export interface GuardedResponse {
  /** Where the answer came from, after redirects. */
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/**
 * Fetches a URL that a client named: GET, every hop checked by {@link urlGuard} and connected to the address that was
 * checked, with bounds on time, size and redirects. Request headers do not follow to another origin.
 *
 * @throws UrlGuardError `ERR_VALIDATION_URL_GUARD` also for an answer that is too large, too slow, or leads on too often.
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export async function guardedFetch(input: string, options: GuardedFetchOptions = {}): Promise<GuardedResponse> {
  const { headers = {}, maxBytes = '10mb', timeout = '10s', maxRedirects = 3, signal, ...guardOptions } = options
  rejectUnknownOptions('guardedFetch', guardOptions, [
    'schemes',
    'ports',
    'hosts',
    'dangerouslyAllowPrivate',
    'resolve',
    'maxLength',
  ])
  const limit = sizeOption('guardedFetch', 'maxBytes', maxBytes, 1)
  const timeoutMs = durationOption('guardedFetch', 'timeout', timeout)
  integerOption('guardedFetch', 'maxRedirects', maxRedirects, { min: 0, max: 20 })
  const expired = AbortSignal.timeout(timeoutMs)
  const ended = signal === undefined ? expired : AbortSignal.any([expired, signal])
  try {
    return await unlessAborted(ended, () => follow(input, guardOptions, { headers, limit, maxRedirects, ended }))
  } catch (error) {
    if (!expired.aborted || error instanceof UrlGuardError) throw error
    throw new UrlGuardError('answers too slowly', { cause: error })
  }
}

interface Bounds {
  readonly headers: Readonly<Record<string, string>>
  readonly limit: number
  readonly maxRedirects: number
  readonly ended: AbortSignal
}

async function follow(
  input: string,
  guardOptions: UrlGuardOptions,
  { headers, limit, maxRedirects, ended }: Bounds,
): Promise<GuardedResponse> {
  let target = await urlGuard(input, guardOptions)
  const { origin } = target.url
  for (let hop = 0; ; hop++) {
    ended.throwIfAborted()
    const response = await send(target, target.url.origin === origin ? headers : {}, ended)
    const { location } = response.headers
    const status = response.statusCode ?? 0
    if (status < 300 || status > 399 || location === undefined)
      return { url: target.url, status, headers: response.headers, body: await read(response, limit) }
    response.destroy()
    if (hop >= maxRedirects) throw new UrlGuardError('redirects too often')
    target = await target.redirect(location)
  }
}

function send(
  { url, lookup }: GuardedUrl,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest
    // Without an agent of its own no connection is taken over that was made to another address.
    const sent = request(url, { method: 'GET', headers, lookup, signal, agent: false }, resolve)
    sent.once('error', reject)
    sent.end()
  })
}

async function read(response: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(response.headers['content-length'] ?? 0)
  if (declared > limit) {
    response.destroy()
    throw new UrlGuardError('answers with too much')
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new UrlGuardError('answers with too much')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
