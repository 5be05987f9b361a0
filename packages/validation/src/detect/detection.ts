/** What kind of attack was recognised. */
export type ThreatKind =
  | 'sql-injection'
  | 'nosql-injection'
  | 'command-injection'
  | 'path-traversal'
  | 'xss'
  | 'template-injection'
  | 'ldap-injection'
  | 'xxe'
  | 'header-injection'
  | 'prototype-pollution'
  | 'inspection-limit'

/** How much is looked for: 1 finds what is certain, 4 also what is merely odd (as the levels of the OWASP CRS). */
export type DetectionLevel = 1 | 2 | 3 | 4

/** Severities of the OWASP Core Rule Set and their scores. */
export type Severity = 'critical' | 'error' | 'warning' | 'notice'

/** Score of each severity: critical 5, error 4, warning 3, notice 2. */
export const severityScores: Readonly<Record<Severity, number>> = { critical: 5, error: 4, warning: 3, notice: 2 }

/** What a detector found in one text. */
export interface Detection {
  readonly kind: ThreatKind
  /** Name of the rule: `sql-union`. */
  readonly rule: string
  readonly severity: Severity
  /** Score of the severity. */
  readonly score: number
  /** The level from which on the rule applies. */
  readonly level: DetectionLevel
  /** Shape of what was found; never the text itself. */
  readonly fingerprint: string
}

/** What a detector may be told. */
export interface DetectOptions {
  /**
   * Report what applies up to this level.
   *
   * @defaultValue 1
   */
  level?: DetectionLevel
}

/** Certainty, in points, from which on a finding belongs to a level. */
const levelPoints = [5, 4, 3, 2] as const
const levelSeverities = ['critical', 'critical', 'error', 'warning'] as const

/** The detection of a certainty; `undefined` where the level asks for more. */
export function detectionOf(
  kind: ThreatKind,
  rule: string,
  points: number,
  fingerprint: string,
  { level: asked = 1 }: DetectOptions,
): Detection | undefined {
  for (let level = 1; level <= asked; level++) {
    if (points < (levelPoints[level - 1] as number)) continue
    const severity = levelSeverities[level - 1] as Severity
    return { kind, rule, severity, score: severityScores[severity], level: level as DetectionLevel, fingerprint }
  }
  return undefined
}
