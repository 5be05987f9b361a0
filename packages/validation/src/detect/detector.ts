import { decodedForms } from './decode/forms.js'
import { detectionOf, type DetectOptions, type Detection, type ThreatKind } from './detection.js'
import { Mark, Traits, encodingMarks } from './marks.js'

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
  /** Without any of these families of words a form cannot be one. @defaultValue all forms are read */
  readonly hints?: number
  /** Families of words that are enough by themselves, whatever the marks. */
  readonly alone?: number
  /** Whether it is about the names of things: query parameters and the keys of a body. */
  readonly names?: boolean
  /** Looks at a form of a text; `marks` and `hints` are those of the form. */
  read(form: string, marks: number, hints: number): Reading | undefined
  /** Looks at a text in encodings of its own, once all forms were looked at. */
  readOtherwise?(text: string): Reading | undefined
}

/** Certainty at which nothing more needs looking at. */
const certain = 5

/** A text with all that detectors share: its forms, and the traits of each. May be used for one text after another. */
export class Subject {
  text = ''
  /** Characters of forms that detectors were shown, over all texts. */
  work = 0
  readonly #traits = new Traits()
  /** What the text was decoded to, worked out where a detector asks for it first. */
  #forms: readonly string[] | undefined
  #formTraits: readonly Traits[] = []

  constructor(text = '') {
    this.take(text)
  }

  /** Marks of the text as it came. */
  get marks(): number {
    return this.#traits.marks
  }

  /** Families of words that the text as it came may have. */
  get hints(): number {
    return this.#traits.hints
  }

  /** Takes the next text. */
  take(text: string): void {
    this.text = text
    this.#forms = undefined
    this.#traits.look(text)
  }

  /** Lets go of the text. */
  clear(): void {
    this.text = ''
    this.work = 0
    this.#forms = undefined
    this.#formTraits = []
  }

  /** Whether a detector could find anything in the text, in whatever encoding. */
  concerns(detector: Detector): boolean {
    const { marks, hints } = this.#traits
    if ((marks & encodingMarks) !== 0) return true
    if (detector.alone !== undefined && (hints & detector.alone) !== 0) return true
    return (marks & detector.needs) !== 0 && (detector.hints === undefined || (hints & detector.hints) !== 0)
  }

  /** The most certain reading of any form. */
  read(detector: Detector): Reading | undefined {
    if (!this.concerns(detector)) return undefined
    const { text } = this
    const { marks } = this.#traits
    let best = this.#show(detector, text, this.#traits)
    if (best !== undefined && best.points >= certain) return best
    if ((marks & encodingMarks) !== 0) {
      const forms = (this.#forms ??= this.#decode())
      for (let index = 1; index < forms.length; index++) {
        best = better(best, this.#show(detector, forms[index] as string, this.#formTraits[index - 1] as Traits))
        if (best !== undefined && best.points >= certain) return best
      }
    }
    if (detector.readOtherwise === undefined || (marks & (Mark.plus | Mark.wide)) === 0) return best
    return better(best, detector.readOtherwise(text))
  }

  #show(detector: Detector, form: string, { marks, hints }: Traits): Reading | undefined {
    const isAlone = detector.alone !== undefined && (hints & detector.alone) !== 0
    if (!isAlone && (marks & detector.needs) === 0) return undefined
    if (detector.hints !== undefined && (hints & detector.hints) === 0) return undefined
    this.work += form.length
    return detector.read(form, marks, hints)
  }

  #decode(): readonly string[] {
    const forms = decodedForms(this.text, this.#traits.marks)
    this.work += this.text.length * forms.length
    this.#formTraits = forms.slice(1).map((form) => {
      const traits = new Traits()
      traits.look(form)
      return traits
    })
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
