import { decodedForms } from './decode/forms.js'
import { detectionOf, type DetectOptions, type Detection, type ThreatKind } from './detection.js'
import { Mark, encodingMarks, marksOf } from './marks.js'

/** What one look at a text came to: certainty in points, and what was most telling. */
export interface Reading {
  readonly points: number
  readonly rule: string
  /** Shape of what was found; never the text itself. */
  readonly fingerprint: string
}

/** Recognises one kind of attack. Pure, without state, linear in the text. */
export interface Detector {
  readonly kind: ThreatKind
  /** Without any of these marks a text cannot be one. */
  readonly needs: number
  /** Whether it is about the names of things: query parameters and the keys of a body. */
  readonly names?: boolean
  /** Looks at a form of a text; `marks` are those of the form. */
  read(form: string, marks: number): Reading | undefined
  /** Looks at a text in encodings of its own, once all forms were looked at. */
  readOtherwise?(text: string): Reading | undefined
}

/** Certainty at which nothing more needs looking at. */
const certain = 5

/** A text with all that detectors share: its forms, and the marks of each. */
export class Subject {
  readonly text: string
  readonly marks: number
  #forms: readonly string[] | undefined = undefined
  #marks: readonly number[] = []

  constructor(text: string) {
    this.text = text
    this.marks = marksOf(text)
  }

  /** Whether a detector could find anything in the text, in whatever encoding. */
  concerns(detector: Detector): boolean {
    return (this.marks & (detector.needs | encodingMarks)) !== 0
  }

  /** The most certain reading of any form. */
  read(detector: Detector): Reading | undefined {
    if (!this.concerns(detector)) return undefined
    const forms = (this.#forms ??= this.#decode())
    let best: Reading | undefined
    for (let index = 0; index < forms.length; index++) {
      const marks = index === 0 ? this.marks : (this.#marks[index] as number)
      if ((marks & detector.needs) === 0) continue
      const reading = detector.read(forms[index] as string, marks)
      best = better(best, reading)
      if (best !== undefined && best.points >= certain) return best
    }
    if (detector.readOtherwise === undefined || (this.marks & (Mark.plus | Mark.wide)) === 0) return best
    return better(best, detector.readOtherwise(this.text))
  }

  #decode(): readonly string[] {
    const forms = decodedForms(this.text, this.marks)
    if (forms.length > 1) this.#marks = forms.map((form, index) => (index === 0 ? this.marks : marksOf(form)))
    return forms
  }
}

/** The more certain of two readings. */
export function better<R extends Reading>(left: R | undefined, right: R | undefined): R | undefined {
  if (left === undefined) return right
  return right !== undefined && right.points > left.points ? right : left
}

/** Runs one detector on one text. */
export function detectWith(detector: Detector, value: string, options: DetectOptions): Detection | undefined {
  const reading = new Subject(value).read(detector)
  if (reading === undefined) return undefined
  return detectionOf(detector.kind, reading.rule, reading.points, reading.fingerprint, options)
}
