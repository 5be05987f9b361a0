import type { ForeignMapping } from './mapped-error.js'
import { fromNetwork } from './network.js'
import { read, readText } from './safe-read.js'

/**
 * Errors of HTTP clients: axios, got, ky, superagent, Octokit, and the clients of AWS, Stripe, OpenAI and Anthropic.
 * Their `status` is what somebody else answered to us; handed on, it would tell our client that its own request was
 * wrong, and their headers and messages may hold our keys.
 */
export const fromHttpClient: ForeignMapping = (error) => {
  if (!isHttpClientError(error)) return undefined
  // What axios calls its own time-out.
  return readText(error, 'code') === 'ECONNABORTED' ? { status: 504 } : (fromNetwork(error) ?? { status: 502 })
}

function isHttpClientError(error: object): boolean {
  if (read(error, 'isAxiosError') === true) return true
  if (isObject(read(error, '$metadata')) || isObject(read(error, 'response'))) return true
  if (readText(error, 'type').startsWith('Stripe')) return true
  return typeof Headers === 'function' && isHeaders(read(error, 'headers'))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isHeaders(value: unknown): boolean {
  try {
    return value instanceof Headers
  } catch {
    return false
  }
}
