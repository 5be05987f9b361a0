const shapes = [
  [
    'private key',
    /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\\?n?[A-Za-z0-9+/=]{20}|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----$/,
  ],
  ['AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b/],
  ['npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['Slack token', /\bxox[abeprs]-[A-Za-z0-9-]{10,}/],
  ['Stripe key', /\b[sr]k_live_[A-Za-z0-9]{16,}\b/],
  ['Google key', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['API key', /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}\b/],
  ['JSON Web Token', /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/],
  [
    'password in an address',
    /\b[a-z][a-z0-9+]*:\/\/[^\s:/@"'`]+:[^\s:/@"'`${}]{8,}@(?!localhost|127\.|\[::1|(?:redis|postgres|db)(?![\w.]))[\w.-]+/,
  ],
]

// Made up for tests and documents: says so, or counts up, or repeats itself.
const madeUp =
  /example|fake|dummy|secret|sample|placeholder|password|s3cr3t|hunter2|test|1234|abcd|ABCD|([a-z0-9])\1{3}/i

/** What looks like a secret in a line: the kind, or nothing. */
export function secretIn(text) {
  for (const [kind, shape] of shapes) {
    const found = shape.exec(text)?.[0]
    if (found && !madeUp.test(found)) return kind
  }
  return undefined
}
