import { RefusedContent } from './refusal.js'

// The test file of the European Institute for Computer Antivirus Research, in two halves, so that this file is none.
const eicar: Buffer = /* @__PURE__ */ Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR', '-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
)

// What runs where a file is taken for a page or a script. Each long enough not to stand in compressed bytes by chance.
const pageMarkers: readonly string[] = ['<script', '<?php', '<html', '<iframe', '<!doctype html', '<%@ page', '<jsp:']

/** Looks for the test virus, and on request for pages and scripts or entities of XML, in bytes that come in pieces of any size. */
export class MarkerScan {
  readonly #pages: boolean
  readonly #entities: boolean
  readonly #keep: number
  #tail: Buffer = Buffer.alloc(0)

  constructor({ pages, entities = false }: { pages: boolean; entities?: boolean }) {
    this.#pages = pages
    this.#entities = entities
    this.#keep = eicar.length - 1
  }

  /** @throws RefusedContent where something is found. */
  push(chunk: Buffer): void {
    // What stands across two pieces is looked for where they meet, so that no piece is copied whole.
    if (this.#tail.length > 0) this.#look(Buffer.concat([this.#tail, chunk.subarray(0, this.#keep)]))
    this.#look(chunk)
    const isShort = chunk.length < this.#keep
    const end = isShort ? Buffer.concat([this.#tail, chunk]) : chunk
    this.#tail = Buffer.from(end.subarray(Math.max(0, end.length - this.#keep)))
  }

  #look(bytes: Buffer): void {
    if (bytes.includes(eicar)) throw new RefusedContent('virus', 'contains a virus signature')
    if (this.#pages && holdsPage(bytes)) throw new RefusedContent('polyglot', 'is a page or script at the same time')
    if (this.#entities && bytes.includes('<!ENTITY')) throw new RefusedContent('scripted', 'declares entities')
  }
}

function holdsPage(bytes: Buffer): boolean {
  if (!bytes.includes(60)) return false
  const text = bytes.toString('latin1').toLowerCase()
  return pageMarkers.some((marker) => text.includes(marker))
}

const endOfDirectory: Buffer = /* @__PURE__ */ Buffer.from('PK\x05\x06', 'latin1')

/** Whether a zip archive ends where these last bytes of a file end: its comment must fill the rest. */
export function endsAsZip(tail: Buffer): boolean {
  for (
    let at = tail.lastIndexOf(endOfDirectory);
    at !== -1;
    at = at === 0 ? -1 : tail.lastIndexOf(endOfDirectory, at - 1)
  ) {
    if (at + 22 <= tail.length && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return true
  }
  return false
}
