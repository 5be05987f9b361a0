import { ConfigError, rejectUnknownOptions } from '@hardening/core'
import type { ThreatFinding } from './finding.js'

/** Findings that are known to be harmless. What is left out matches everything; one member at least must be given. */
export interface ThreatExclusion {
  /** Path of the request; `*` stands for anything: `/articles/*`. */
  path?: string
  /** Field as findings name it; `*` stands for anything: `body.html`, `query.*`. */
  field?: string
  /** Name of a rule or of a kind: `sql-comment`, `xss`. */
  rule?: string
}

/** Whether a finding on a path is excluded. */
export type ExclusionTest = (path: string, finding: ThreatFinding) => boolean

/** The exclusions as one test. @throws ConfigError */
export function exclusionTest(factory: string, exclusions: unknown): ExclusionTest {
  if (!Array.isArray(exclusions)) throw new ConfigError(factory, 'exclude', 'a list of exclusions', exclusions)
  const compiled = exclusions.map((exclusion: ThreatExclusion, index) => {
    const at = `exclude[${index}]`
    rejectUnknownOptions(factory, exclusion, ['path', 'field', 'rule'], at)
    const { path, field, rule } = exclusion
    if (path === undefined && field === undefined && rule === undefined)
      throw new ConfigError(factory, at, 'an object with path, field or rule', exclusion)
    for (const [name, value] of Object.entries(exclusion)) {
      if (value !== undefined && (typeof value !== 'string' || value === ''))
        throw new ConfigError(factory, `${at}.${name}`, 'a string that is not empty', value)
    }
    return { path: wildcard(path), field: wildcard(field), rule }
  })
  return (path, finding) =>
    compiled.some(
      (exclusion) =>
        (exclusion.rule === undefined || exclusion.rule === finding.rule || exclusion.rule === finding.kind) &&
        exclusion.field(finding.field) &&
        exclusion.path(path),
    )
}

function wildcard(pattern: string | undefined): (value: string) => boolean {
  if (pattern === undefined || pattern === '*') return () => true
  const parts = pattern.split('*')
  if (parts.length === 1) return (value) => value === pattern
  return (value) => matches(parts, value)
}

/** Each part is taken where it comes first, so that the work is linear. */
function matches(parts: readonly string[], value: string): boolean {
  const first = parts[0] as string
  const last = parts[parts.length - 1] as string
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last)) return false
  let at = first.length
  const stop = value.length - last.length
  for (let index = 1; index < parts.length - 1; index++) {
    const part = parts[index] as string
    const found = value.indexOf(part, at)
    if (found === -1 || found + part.length > stop) return false
    at = found + part.length
  }
  return true
}
