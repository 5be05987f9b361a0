import { inOnePiece } from '@hardening/core'

// What clients choose must not fill the memory.
const MAX_KEPT = 1000

/** Texts made of others. Those that come again and again are put together once. */
export class KeptTexts {
  readonly #make: (from: string) => string
  readonly #kept = new Map<string, string>()

  constructor(make: (from: string) => string) {
    this.#make = make
  }

  of(from: string): string {
    return this.#kept.get(from) ?? this.#keep(from)
  }

  #keep(from: string): string {
    const text = inOnePiece(this.#make(from))
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    this.#kept.set(from, text)
    return text
  }
}

/** A power of two: places are told by the last bits. */
const PLACES = 1024

/** A whole number and what always stands behind it. Each number has a place, which it shares with others. */
export class NumberTexts {
  readonly #end: string
  /** Begins with numbers that have their places elsewhere, so that none is found before it was kept. */
  readonly #numbers: Int32Array = Int32Array.from({ length: PLACES }, (_, at) => at + 1)
  readonly #texts: string[] = Array.from({ length: PLACES }, () => '')

  constructor(end: string) {
    this.#end = end
  }

  of(number: number): string {
    const at = number & (PLACES - 1)
    return this.#numbers[at] === number ? (this.#texts[at] as string) : this.#keep(number, at)
  }

  #keep(number: number, at: number): string {
    const text = number + this.#end
    if ((number | 0) !== number) return text
    this.#numbers[at] = number
    return (this.#texts[at] = text)
  }
}
