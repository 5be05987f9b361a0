/** The fields of a `Vary`, in the order in which they were added. One object for each such order, made once. */
export class Varying {
  readonly fields: readonly string[]
  /** As the value of a header. */
  readonly text: string
  /** As a line; empty where there is no field. */
  readonly line: string
  /** As a line behind the end of the one before. */
  readonly next: string
  readonly #longer = new Map<string, Varying>()
  #lastField = ''
  #last: Varying | undefined

  constructor(fields: readonly string[]) {
    this.fields = fields
    this.text = fields.join(', ')
    this.line = fields.length === 0 ? '' : `Vary: ${this.text}\r\n`
    this.next = `\r\n${this.line}`
  }

  /** These fields and one more. */
  with(field: string): Varying {
    if (this.#last !== undefined && this.#lastField === field) return this.#last
    if (this.fields.includes(field)) return this
    let longer = this.#longer.get(field)
    if (longer === undefined) {
      longer = new Varying([...this.fields, field])
      // An application could make up fields without end.
      if (this.#longer.size < 32) this.#longer.set(field, longer)
    }
    this.#lastField = field
    return (this.#last = longer)
  }
}

/** No field. */
export const varyingNothing: Varying = new Varying([])
