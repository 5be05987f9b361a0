import { inOnePiece } from '@hardening/core'
import type { Verdict } from '../verdict.js'

const mostWhole = 0x3fffffff
/** A power of two: places are told by the last bits. */
const places = 256

/** `0` to `999`, and with leading zeros: numbers made of these need not be made into text, request by request. */
const wholes = Array.from({ length: 1000 }, (_, at) => String(at))
const padded = wholes.map((text) => text.padStart(3, '0'))

/**
 * Puts the items of `RateLimit` (draft 8) together for policies that stay the same. What stands between the last three
 * digits of one number of units and those of the next is kept in one piece: `;t=34, "hour";r=4`.
 */
export class ItemTexts {
  /** Where the verdict tells of each item. */
  readonly #at: readonly number[]
  readonly #seams: readonly Seam[]

  /** @param starts - beginnings of the items; those that are empty are left out */
  constructor(starts: readonly string[]) {
    this.#at = starts.flatMap((start, at) => (start === '' ? [] : [at]))
    const told = starts.filter((start) => start !== '')
    this.#seams = [...told.map((start, at) => new Seam(at === 0, start)), new Seam(false, '')]
  }

  /** The items; `undefined` where a number is none that they are made for. */
  of({ remaining, resetMs }: Verdict): string | undefined {
    const ats = this.#at
    const seams = this.#seams
    let text = ''
    let seconds = 0
    for (let item = 0; item < ats.length; item++) {
      const at = ats[item] as number
      const left = remaining[at] as number
      if (!(left >= 0 && left <= mostWhole)) return undefined
      const high = (left / 1000) | 0
      const low = (left | 0) - high * 1000
      const seam = (seams[item] as Seam).of(seconds, high)
      const digits = (high === 0 ? wholes[low] : padded[low]) as string
      text = item === 0 ? seam + digits : text + seam + digits
      seconds = Math.ceil((resetMs[at] as number) / 1000)
    }
    return text + (seams[ats.length] as Seam).of(seconds, 0)
  }
}

/** What stands between two numbers of units: the end of one item and the beginning of the next. */
class Seam {
  readonly #isFirst: boolean
  readonly #start: string
  /** Begins with numbers that have their places elsewhere, so that none is found before it was kept. */
  readonly #seconds: Int32Array = Int32Array.from({ length: places }, (_, at) => at + 1)
  readonly #highs: Int32Array = new Int32Array(places)
  readonly #texts: string[] = Array.from({ length: places }, () => '')

  constructor(isFirst: boolean, start: string) {
    this.#isFirst = isFirst
    this.#start = isFirst || start === '' ? start : `, ${start}`
  }

  /** @param seconds - until the window of the item before ends; @param high - thousands of units of the one behind */
  of(seconds: number, high: number): string {
    const at = seconds & (places - 1)
    if (this.#seconds[at] === seconds && this.#highs[at] === high) return this.#texts[at] as string
    return this.#make(seconds, high)
  }

  #make(seconds: number, high: number): string {
    const end = this.#isFirst ? '' : `;t=${seconds}`
    const text = inOnePiece(end + this.#start + (high === 0 ? '' : high))
    if ((seconds | 0) !== seconds) return text
    const at = seconds & (places - 1)
    this.#seconds[at] = seconds
    this.#highs[at] = high
    this.#texts[at] = text
    return text
  }
}
