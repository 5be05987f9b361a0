import type { NameAction } from '../sensitive-names.js'

/** What the scanners of a text share. */
export interface Scan {
  /** What stands in place of a secret. */
  readonly replacement: string
  /** Whether the text was cut, so that a secret at its end may lack its own end. */
  readonly isCut: boolean
  /** What is to be done with the value of a parameter of this name. */
  actionOf(name: string): NameAction
}

/** Collects what is to be replaced, from left to right, and puts the text together once. */
export class Cuts {
  readonly #text: string
  readonly #replacement: string
  #result = ''
  #end = 0

  constructor(text: string, replacement: string) {
    this.#text = text
    this.#replacement = replacement
  }

  /** Replaces what stands between two places. */
  cut(start: number, end: number): void {
    if (start < this.#end || end <= start) return
    this.#result += this.#text.slice(this.#end, start) + this.#replacement
    this.#end = end
  }

  /** The text without what was cut. */
  done(): string {
    return this.#end === 0 ? this.#text : this.#result + this.#text.slice(this.#end)
  }
}
