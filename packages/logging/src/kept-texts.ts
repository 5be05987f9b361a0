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

/**
 * A text that was put together stays a tree of its parts, which is walked whenever it is written, until somebody asks
 * for one of its characters. None of ours begins with NUL; without a use of it the question would be left out.
 */
export function inOnePiece(text: string): string {
  return text.charCodeAt(0) === 0 ? '' : text
}
