const maxTexts = 256
const maxChars = 512

/** Texts in which nothing was found lately; bounded, those that have not come again are forgotten. */
export class Innocents {
  #young = new Set<string>()
  #old = new Set<string>()

  has(text: string): boolean {
    if (this.#young.has(text)) return true
    if (!this.#old.has(text)) return false
    this.add(text)
    return true
  }

  add(text: string): void {
    if (text.length > maxChars) return
    if (this.#young.size >= maxTexts) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(text)
  }
}
