import type { ImageSize } from './image-size.js'

/** Adds up the pictures of a file: the largest one, and all of them. */
export class Extent {
  #width = 0
  #height = 0
  #pixels = 0

  add(width: number, height: number): void {
    this.#pixels += width * height
    this.atLeast(width, height)
  }

  /** A size that holds for the whole, such as that of a canvas; adds nothing by itself. */
  atLeast(width: number, height: number): void {
    if (width * height <= this.#width * this.#height) return
    this.#width = width
    this.#height = height
  }

  /** `undefined` where there was no picture. */
  get size(): ImageSize | undefined {
    if (this.#width === 0) return undefined
    const pixels = Math.max(this.#pixels, this.#width * this.#height)
    return { width: this.#width, height: this.#height, pixels }
  }
}
