import { charCodeAt } from '@hardening/core'
import { isBase64OfText } from './decode/base64.js'
import { detectionOf, severityScores, type Detection, type DetectionLevel } from './detection.js'
import { Subject, type Detector } from './detector.js'
import { fieldPart, type ThreatFinding } from './finding.js'
import { dangerousKey } from './keys.js'
import { encodingMarks } from './marks.js'
import { isOrdinary } from './ordinary.js'

/** Bounds and rules of an inspection. */
export interface InspectionRules {
  readonly detectors: readonly Detector[]
  readonly level: DetectionLevel
  readonly maxValueChars: number
  readonly maxTotalChars: number
  readonly maxFields: number
  /** Whether keys are judged too: NoSQL operators, prototypes. */
  readonly keyKinds: ReadonlySet<string>
}

const maxFindings = 20
const maxDepth = 64
const maxOverlap = 512
const nothing: readonly ThreatFinding[] = []

/** An inspection of the values of one request, then of the next. Its work is bounded by the rules, whatever it is given. */
export class Inspection {
  readonly #rules: InspectionRules
  readonly #subject = new Subject()
  /** Marks of which some detector needs one. */
  readonly #needs: number
  /** Families of words that are enough for some detector. */
  readonly #alone: number
  #findings: ThreatFinding[] | undefined
  #fields: number
  #limited = false
  /** Where the walk through parsed data is: its root, and names on the way; put together only where something is found. */
  #root = ''
  readonly #names: string[] = []
  #depth = 0

  constructor(rules: InspectionRules) {
    this.#rules = rules
    this.#fields = rules.maxFields
    this.#needs = rules.detectors.reduce((needs, detector) => needs | detector.needs, encodingMarks)
    this.#alone = rules.detectors.reduce((hints, detector) => hints | (detector.alone ?? 0), 0)
  }

  /** What was found so far. */
  get findings(): readonly ThreatFinding[] {
    return this.#findings ?? nothing
  }

  /** Ends the inspection: what it found; from here on it is a new one, and holds nothing of the last. */
  end(): readonly ThreatFinding[] {
    const { findings } = this
    this.#findings = undefined
    this.#fields = this.#rules.maxFields
    this.#limited = false
    if (this.#names.length > 0) this.#names.length = 0
    this.#subject.clear()
    return findings
  }

  /** Looks at one text. */
  text(value: string, field?: string): void {
    if (value.length < 2 || this.findings.length >= maxFindings) return
    if (this.#fields-- <= 0) return this.#limit(field)
    if (!isOrdinary(value)) this.#inspect(value, field)
  }

  #inspect(value: string, field?: string): void {
    const { maxValueChars } = this.#rules
    if (value.length <= maxValueChars) {
      this.#inspectPart(value, field, 0)
      return
    }
    if (isEncodedFile(value)) return
    // What stands at the end of one part stands at the beginning of the next too.
    const overlap = Math.min(maxOverlap, maxValueChars >> 2)
    let found = 0
    for (let from = 0; from + overlap < value.length && !this.#limited; from += maxValueChars - overlap)
      found |= this.#inspectPart(value.slice(from, from + maxValueChars), field, found)
  }

  /** Shows a text to the detectors that are not among `done`, as bits; returns those that found something. */
  #inspectPart(text: string, field: string | undefined, done: number): number {
    const rules = this.#rules
    const subject = this.#subject
    if (subject.work > rules.maxTotalChars) {
      this.#limit(field)
      return 0
    }
    subject.take(text)
    const { marks, hints } = subject
    if ((marks & this.#needs) === 0 && (hints & this.#alone) === 0) return 0
    const isEncoded = (marks & encodingMarks) !== 0
    let foundBy = 0
    for (let index = 0; index < rules.detectors.length; index++) {
      const detector = rules.detectors[index] as Detector
      if (!isEncoded && (marks & detector.needs) === 0 && (hints & (detector.alone ?? 0)) === 0) continue
      if ((done & (1 << index)) !== 0 || !subject.concerns(detector)) continue
      if (subject.work > rules.maxTotalChars) {
        this.#limit(field)
        break
      }
      const reading = subject.read(detector)
      if (reading === undefined) continue
      const found = detectionOf(detector.kind, reading.rule, reading.points, reading.fingerprint, rules)
      if (found === undefined) continue
      foundBy |= 1 << index
      this.#found(found, field)
    }
    return foundBy
  }

  /** Looks at the name of a parameter or the key of an object. */
  key(name: string, field?: string): void {
    if (name.length < 2) return
    const reading = dangerousKey(name)
    if (reading !== undefined && this.#rules.keyKinds.has(reading.kind)) {
      const found = detectionOf(reading.kind, reading.rule, reading.points, reading.fingerprint, this.#rules)
      if (found !== undefined) this.#found(found, field)
    }
    this.text(name, field)
  }

  /** Looks at all keys and texts of parsed data, own ones only, without ever following an accessor's side effects. */
  data(value: unknown, field: string): void {
    this.#root = field
    this.#walk(value, 0)
  }

  #walk(value: unknown, depth: number): void {
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
    if (depth >= maxDepth || this.#fields <= 0) return this.#limit()
    const names = this.#names
    this.#depth = depth + 1
    if (Array.isArray(value)) {
      names[depth] = '*'
      for (const item of value) {
        if (this.#fields-- <= 0) return this.#limit()
        this.#walk(item, depth + 1)
      }
    } else {
      for (const name of Object.keys(value)) {
        if (this.#fields-- <= 0) return this.#limit()
        this.#depth = depth + 1
        names[depth] = name
        if (!isPlainName(name)) this.key(name)
        this.#walk((value as Record<string, unknown>)[name], depth + 1)
      }
    }
    this.#depth = depth
  }

  /** The field that the walk has come to, eight levels deep at most. */
  #field(): string {
    return [
      this.#root,
      ...this.#names.slice(0, Math.min(this.#depth, 8)).map((name) => (name === '*' ? name : fieldPart(name))),
    ].join('.')
  }

  #found(found: Detection, field: string | undefined): void {
    const findings = (this.#findings ??= [])
    if (findings.length < maxFindings) findings.push({ ...found, field: field ?? this.#field() })
  }

  #limit(field?: string): void {
    if (this.#limited) return
    this.#limited = true
    ;(this.#findings ??= []).push({
      kind: 'inspection-limit',
      rule: 'inspection-limit',
      severity: 'notice',
      score: severityScores.notice,
      level: 1,
      fingerprint: '',
      field: field ?? this.#field(),
    })
  }
}

/** Whether a long text is nothing but Base64 of bytes, on its own or as a `data:` URL: no reader of text gets anything of it. */
function isEncodedFile(text: string): boolean {
  const comma = charCodeAt(text, 0) === 100 ? text.slice(0, 120).indexOf(';base64,') : -1
  const from =
    comma === -1 || !/^data:(?:image\/(?:png|jpeg|gif|webp|avif)|application\/(?:pdf|octet-stream|zip));/.test(text)
      ? 0
      : comma + 8
  for (let at = from; at < text.length; at++) {
    const code = charCodeAt(text, at)
    const lower = code | 32
    if ((lower < 97 || lower > 122) && (code < 47 || code > 57) && code !== 43 && code !== 61) return false
  }
  return !isBase64OfText(text, from, from + 64)
}

/** Whether a key is a name as programs have them: short, of letters and digits alone. Such a one is no attack. */
function isPlainName(name: string): boolean {
  const { length } = name
  if (length > 11) return isOrdinary(name)
  for (let at = 0; at < length; at++) {
    const code = charCodeAt(name, at)
    const lower = code | 32
    if ((lower < 97 || lower > 122) && (code < 48 || code > 57)) return false
  }
  return true
}
