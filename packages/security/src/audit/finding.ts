/** What an audit looks at; the first ten count for the grade. */
export type AuditCheck =
  | 'content-security-policy'
  | 'cookies'
  | 'cross-origin-resource-sharing'
  | 'redirection'
  | 'referrer-policy'
  | 'strict-transport-security'
  | 'subresource-integrity'
  | 'x-content-type-options'
  | 'x-frame-options'
  | 'cross-origin-resource-policy'
  | 'leaking-headers'
  | 'permissions-policy'
  | 'cross-origin-opener-policy'
  | 'base-uri'

/** What an audit says of one check. */
export interface AuditFinding {
  readonly check: AuditCheck
  /** Stable name of what was found: `hsts-missing`. */
  readonly result: string
  /** What it adds to the score of 100, or takes from it. Gains count only from 90 points on. */
  readonly modifier: number
  /** Whether nothing has to be done. */
  readonly pass: boolean
  /** What was found. */
  readonly message: string
  /** What to do about it; empty where nothing has to be done. */
  readonly advice: string
}

/** Modifier, message and advice of a result. */
export type Verdict = readonly [modifier: number, message: string, advice?: string]

/** Makes the finding of a result out of a check's table. */
export function finding<const Results extends Readonly<Record<string, Verdict>>>(
  check: AuditCheck,
  results: Results,
  result: keyof Results & string,
): AuditFinding {
  const [modifier, message, advice = ''] = results[result] as Verdict
  return { check, result, modifier, pass: modifier >= 0 && advice === '', message, advice }
}
