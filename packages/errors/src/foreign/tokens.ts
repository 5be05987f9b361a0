import type { ForeignMapping, Mapped } from './mapped-error.js'
import { readText } from './safe-read.js'

// RFC 6750 section 3.1.
const headers = { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
const invalid: Mapped = { status: 401, headers, detail: 'The token is not valid.' }
const expired: Mapped = { status: 401, headers, detail: 'The token has expired.' }

const joseCodes: Readonly<Record<string, Mapped>> = {
  ERR_JWT_EXPIRED: expired,
  ERR_JWT_CLAIM_VALIDATION_FAILED: invalid,
  ERR_JWT_INVALID: invalid,
  ERR_JWS_INVALID: invalid,
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: invalid,
  ERR_JWE_INVALID: invalid,
  ERR_JWE_DECRYPTION_FAILED: invalid,
  ERR_JOSE_ALG_NOT_ALLOWED: invalid,
  ERR_JWKS_NO_MATCHING_KEY: invalid,
  ERR_JWKS_TIMEOUT: { status: 504 },
}

const names: Readonly<Record<string, Mapped>> = {
  TokenExpiredError: expired,
  JsonWebTokenError: invalid,
  NotBeforeError: { status: 401, headers, detail: 'The token is not valid yet.' },
}

/** Errors of jose, by code, and of jsonwebtoken, by name. What speaks of our own keys is a failure of ours, so not here. */
export const fromToken: ForeignMapping = (error) => {
  const code = readText(error, 'code')
  if (Object.hasOwn(joseCodes, code)) return joseCodes[code]
  const name = readText(error, 'name')
  return Object.hasOwn(names, name) ? names[name] : undefined
}
