/** Where a mark stands next in a text: many questions, of which each comes from further on, pass over it once. */
export class NextMark {
  readonly #text: string
  readonly #mark: string
  #from = 0
  #at = -1

  constructor(text: string, mark: string) {
    this.#text = text
    this.#mark = mark
  }

  /** Where it stands at `from` or behind; `Infinity` where it does not. */
  after(from: number): number {
    if (from < this.#from || from > this.#at) {
      const at = this.#text.indexOf(this.#mark, from)
      this.#from = from
      this.#at = at === -1 ? Infinity : at
    }
    return this.#at
  }
}
