import { isUtf8 } from 'node:buffer'
import { hasControls } from './detect-type.js'

/** Whether bytes that come in pieces are text in UTF-8 (RFC 3629) without controls. */
export class Utf8Check {
  #rest: Buffer = Buffer.alloc(0)

  /** @returns whether they still are. */
  push(chunk: Buffer): boolean {
    let bytes = chunk
    if (this.#rest.length > 0) {
      // The character that was cut is looked at by itself, so that no piece is copied whole.
      const missing = lengthOf(this.#rest[0] as number) - this.#rest.length
      const character = Buffer.concat([this.#rest, chunk.subarray(0, missing)])
      if (chunk.length < missing) {
        this.#rest = character
        return true
      }
      if (!isUtf8(character)) return false
      bytes = chunk.subarray(missing)
    }
    const whole = bytes.length - incompleteEnd(bytes)
    this.#rest = Buffer.from(bytes.subarray(whole))
    const complete = bytes.subarray(0, whole)
    return isUtf8(complete) && !hasControls(complete)
  }

  /** @returns whether nothing is left over. */
  end(): boolean {
    return this.#rest.length === 0
  }
}

/** Bytes at the end that begin a character and do not finish it. */
function incompleteEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if ((byte & 0xc0) === 0x80) continue
    return lengthOf(byte) > back ? back : 0
  }
  return 0
}

/** Bytes of a character, by its first one. */
function lengthOf(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1
}
