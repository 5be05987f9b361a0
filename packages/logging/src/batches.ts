// Lines are strings of many parts. Left as they are until a batch is written, they outlive a collection or two, which
// holds up all of the process while it copies them; encoded one by one they cost a call each.
const TEXT_SIZE = 4_096
// A character of a string becomes three bytes at most.
const BYTES_A_CHARACTER = 3

/** Gathers lines into batches of bytes, in memory that is used again. */
export class Batches {
  readonly #textSize: number
  readonly #bytes: number
  #text = ''
  #open: Buffer | undefined
  #used = 0
  #closed: Buffer[] = []
  #closedBytes = 0
  #spare: Buffer | undefined
  #made = 0

  /** @param size - bytes that a batch has at least, unless it is taken before */
  constructor(size: number) {
    this.#textSize = Math.min(TEXT_SIZE, size)
    this.#bytes = size + TEXT_SIZE * BYTES_A_CHARACTER
  }

  /** What waits, in bytes, or characters where it is text still. */
  get waiting(): number {
    return this.#text.length + this.#used + this.#closedBytes
  }

  add(line: string): void {
    this.addEnded(line + '\n')
  }

  /** {@link Batches.add} for a line that has its end already. */
  addEnded(line: string): void {
    this.#text += line
    if (this.#text.length >= this.#textSize) this.#encode()
  }

  /** Makes a batch of what waits. @returns how many batches have been made up to here */
  close(): number {
    this.#encode()
    if (this.#used > 0) this.#closeOpen()
    return this.#made
  }

  /** The oldest batch that waits. Give it back to {@link Batches.giveBack} when it is written. */
  take(): Buffer | undefined {
    if (this.#closed.length === 0) this.close()
    const batch = this.#closed.shift()
    if (batch !== undefined) this.#closedBytes -= batch.length
    return batch
  }

  giveBack(batch: Buffer): void {
    if (batch.buffer.byteLength === this.#bytes) this.#spare = Buffer.from(batch.buffer)
  }

  /** All that waits, which is then no longer here. */
  takeAll(): Buffer {
    this.close()
    const all = Buffer.concat(this.#closed)
    this.#closed = []
    this.#closedBytes = 0
    return all
  }

  #encode(): void {
    const text = this.#text
    if (text === '') return
    this.#text = ''
    const most = text.length * BYTES_A_CHARACTER
    if (most > this.#bytes - this.#used && this.#used > 0) this.#closeOpen()
    if (most > this.#bytes) return this.#push(Buffer.from(text))
    this.#open ??= this.#spare ?? Buffer.allocUnsafeSlow(this.#bytes)
    this.#spare = undefined
    this.#used += this.#open.write(text, this.#used)
  }

  #closeOpen(): void {
    this.#push((this.#open as Buffer).subarray(0, this.#used))
    this.#open = undefined
    this.#used = 0
  }

  #push(batch: Buffer): void {
    this.#closed.push(batch)
    this.#closedBytes += batch.length
    this.#made += 1
  }
}
