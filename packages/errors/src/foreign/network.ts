import type { ForeignMapping, Mapped } from './mapped-error.js'
import { read, readText } from './safe-read.js'

const unreachable: Mapped = { status: 502 }
const late: Mapped = { status: 504 }

const byCode: Readonly<Record<string, Mapped>> = {
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ECONNABORTED: unreachable,
  EHOSTDOWN: unreachable,
  EHOSTUNREACH: unreachable,
  ENETDOWN: unreachable,
  ENETUNREACH: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  EPIPE: unreachable,
  EPROTO: unreachable,
  CERT_HAS_EXPIRED: unreachable,
  DEPTH_ZERO_SELF_SIGNED_CERT: unreachable,
  SELF_SIGNED_CERT_IN_CHAIN: unreachable,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unreachable,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unreachable,
  ERR_TLS_CERT_ALTNAME_INVALID: unreachable,
  UND_ERR_SOCKET: unreachable,
  ETIMEDOUT: late,
  ESOCKETTIMEDOUT: late,
  UND_ERR_CONNECT_TIMEOUT: late,
  UND_ERR_HEADERS_TIMEOUT: late,
  UND_ERR_BODY_TIMEOUT: late,
}

const maxDepth = 5

/** Failures of connections to what this service needs, also where `fetch` hides them in a cause; aborts and time-outs. */
export const fromNetwork: ForeignMapping = (error) => {
  let at: unknown = error
  for (let depth = 0; depth < maxDepth && typeof at === 'object' && at !== null; depth++) {
    const code = readText(at, 'code')
    if (Object.hasOwn(byCode, code)) return byCode[code]
    const name = readText(at, 'name')
    if (name === 'TimeoutError' || name === 'AbortError') return late
    at = read(at, 'cause')
  }
  return undefined
}

/** Whether an error says that the other end of a connection has gone. */
export function isDisconnect(error: unknown): boolean {
  if (readText(error, 'type') === 'request.aborted' || readText(error, 'name') === 'AbortError') return true
  return ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(readText(error, 'code'))
}
