import { permanent, property, transient, unreached, withCauses, type Classifier, type Judgement } from './judgement.js'

/** No connection came about, so nothing was sent: codes of Node and of undici, on which `fetch` stands. */
const beforeConnection: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
])
/** The connection broke or stood still: nobody knows what has happened at the other end. */
const duringConnection: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'HPE_INVALID_CONSTANT',
])

/** Errors of sockets, name resolution, TLS and `fetch`, wherever among the causes they stand. */
export const networkErrors: Classifier = {
  error(error) {
    for (const at of withCauses(error)) {
      const found = byCode(at)
      if (found !== undefined) return found
    }
    return undefined
  },
}

function byCode(error: unknown): Judgement | undefined {
  const code = property(error, 'code')
  if (typeof code !== 'string') return undefined
  if (beforeConnection.has(code)) return unreached
  if (code === 'ETIMEDOUT' && property(error, 'syscall') === 'connect') return unreached
  if (duringConnection.has(code)) return transient
  // A certificate does not get better by asking again.
  if (code.startsWith('CERT_') || code.startsWith('ERR_TLS_') || tlsCodes.has(code)) return permanent
  return undefined
}

const tlsCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
