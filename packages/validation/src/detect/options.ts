import {
  ConfigError,
  choiceOption,
  functionOption,
  integerOption,
  rejectUnknownOptions,
  sizeOption,
  type Exchange,
  type Size,
} from '@hardening/core'
import type { DetectionLevel, ThreatKind } from './detection.js'
import { allDetectors } from './detectors.js'
import { exclusionTest, type ExclusionTest, type ThreatExclusion } from './exclusions.js'
import type { ThreatFinding } from './finding.js'
import type { InspectionRules } from './inspection.js'
import type { ThreatReport } from './threat-report.js'

/** Options of {@link detectThreats} and {@link detectBodyThreats}. */
export interface DetectThreatsOptions {
  /**
   * `report` notes and publishes what is found and lets every request pass; `block` refuses with 403 from the threshold
   * on.
   *
   * @defaultValue 'report'
   */
  mode?: 'report' | 'block'
  /** Findings up to this level are reported. @defaultValue 1 */
  detectionLevel?: DetectionLevel
  /** Findings up to this level count towards the threshold; at most `detectionLevel`. @defaultValue 1 */
  blockingLevel?: DetectionLevel
  /** Score from which on `block` refuses: critical 5, error 4, warning 3, notice 2, added up. @defaultValue 5 */
  threshold?: number
  /** Kinds that are looked for. @defaultValue all */
  kinds?: readonly ThreatKind[]
  /**
   * Request headers that are looked at, in lower case; `cookie` stands for each cookie.
   *
   * @defaultValue ['cookie', 'referer', 'user-agent', 'x-forwarded-for', 'x-forwarded-host']
   */
  headers?: readonly string[]
  /** Findings that are known to be harmless. @defaultValue [] */
  exclude?: readonly ThreatExclusion[]
  /**
   * Length up to which a value is looked at as a whole; a longer one is looked at in parts of this length, which overlap.
   *
   * @defaultValue '32kb'
   */
  maxValueBytes?: Size
  /**
   * Work on one request: characters of suspicious texts and of what they decode to, counted once for each detector that
   * reads them. What lies beyond is not looked at, and `inspection-limit` is found.
   *
   * @defaultValue '384kb'
   */
  maxTotalBytes?: Size
  /** Keys and values of one request that are looked at. @defaultValue 20000 */
  maxFields?: number
  /**
   * What `block` does where a limit left something unseen: `refuse` refuses with 413, since an attack may stand behind
   * whatever fills the limits; `pass` counts it as a notice (2). `report` never refuses.
   *
   * @defaultValue 'refuse'
   */
  onLimit?: 'pass' | 'refuse'
  /** Called with each finding that is not excluded. Must not throw. */
  onFinding?: (finding: ThreatFinding, exchange: Exchange) => void
  /** Gathers findings, to propose exclusions. */
  report?: ThreatReport
}

/** Options as the steps use them. */
export interface ResolvedDetectThreatsOptions {
  readonly block: boolean
  readonly blockingLevel: DetectionLevel
  readonly threshold: number
  readonly rules: InspectionRules
  readonly headers: readonly string[]
  readonly excluded: ExclusionTest | undefined
  readonly refuseAtLimit: boolean
  readonly onFinding: DetectThreatsOptions['onFinding']
  readonly report: ThreatReport | undefined
}

const known = [
  'mode',
  'detectionLevel',
  'blockingLevel',
  'threshold',
  'kinds',
  'headers',
  'exclude',
  'maxValueBytes',
  'maxTotalBytes',
  'maxFields',
  'onLimit',
  'onFinding',
  'report',
] as const satisfies readonly (keyof DetectThreatsOptions)[]

const keyKinds: readonly ThreatKind[] = ['nosql-injection', 'prototype-pollution']

/** @throws ConfigError */
export function resolveDetectThreatsOptions(
  factory: string,
  options: DetectThreatsOptions = {},
): ResolvedDetectThreatsOptions {
  rejectUnknownOptions(factory, options, known)
  const {
    mode = 'report',
    detectionLevel = 1,
    blockingLevel = 1,
    threshold = 5,
    kinds,
    headers = ['cookie', 'referer', 'user-agent', 'x-forwarded-for', 'x-forwarded-host'],
    exclude = [],
    maxValueBytes = '32kb',
    maxTotalBytes = '384kb',
    maxFields = 20_000,
    onLimit = 'refuse',
    onFinding,
    report,
  } = options
  choiceOption(factory, 'mode', mode, ['report', 'block'])
  choiceOption(factory, 'onLimit', onLimit, ['pass', 'refuse'])
  integerOption(factory, 'detectionLevel', detectionLevel, { min: 1, max: 4 })
  integerOption(factory, 'blockingLevel', blockingLevel, { min: 1, max: 4 })
  if (blockingLevel > detectionLevel)
    throw new ConfigError(factory, 'blockingLevel', `at most detectionLevel (${detectionLevel})`, blockingLevel)
  integerOption(factory, 'threshold', threshold, { min: 1 })
  if (onFinding !== undefined) functionOption(factory, 'onFinding', onFinding)
  if (report !== undefined && typeof (report as Partial<ThreatReport>).add !== 'function')
    throw new ConfigError(factory, 'report', 'a report made by createThreatReport()', report)
  const chosen = chosenKinds(factory, kinds)
  return {
    block: mode === 'block',
    blockingLevel,
    threshold,
    rules: {
      detectors: allDetectors.filter(({ kind }) => chosen.has(kind)),
      level: detectionLevel,
      maxValueChars: sizeOption(factory, 'maxValueBytes', maxValueBytes, 256),
      maxTotalChars: sizeOption(factory, 'maxTotalBytes', maxTotalBytes, 1024),
      maxFields: integerOption(factory, 'maxFields', maxFields, { min: 1 }),
      keyKinds: new Set(keyKinds.filter((kind) => chosen.has(kind))),
    },
    headers: headerNames(factory, headers),
    excluded: exclude.length === 0 && Array.isArray(exclude) ? undefined : exclusionTest(factory, exclude),
    refuseAtLimit: onLimit === 'refuse',
    onFinding,
    report,
  }
}

function chosenKinds(factory: string, kinds: unknown): ReadonlySet<string> {
  const all = new Set<string>([...allDetectors.map(({ kind }) => kind), ...keyKinds])
  if (kinds === undefined) return all
  if (!Array.isArray(kinds) || kinds.length === 0 || !kinds.every((kind) => all.has(kind as string)))
    throw new ConfigError(factory, 'kinds', `a list of ${[...all].map((kind) => `'${kind}'`).join(', ')}`, kinds)
  return new Set(kinds as string[])
}

function headerNames(factory: string, headers: unknown): readonly string[] {
  if (Array.isArray(headers) && headers.every((name) => typeof name === 'string' && /^[a-z0-9-]+$/.test(name)))
    return headers as string[]
  throw new ConfigError(factory, 'headers', 'a list of header names in lower case', headers)
}
