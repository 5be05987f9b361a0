const delimiters: Buffer = /* @__PURE__ */ Buffer.from('()<>[]{}/%')

/** Characters of a name that are looked at. */
export const longestName = 48

/** Bytes of a dictionary that are looked at; a longer one is no dictionary of a stream. */
export const longestDictionary = 65_536

/** What the names begin with that matter anywhere: one of these letters, or a code. */
const beginnings: ReadonlySet<number> = /* @__PURE__ */ new Set(Buffer.from('JLRXISGEO#'))

/** The names of interest in bytes, and where the slash of each stands. */
export function* namesIn(bytes: Buffer): Generator<{ readonly name: string; readonly start: number }> {
  for (let start = bytes.indexOf(47); start !== -1; start = bytes.indexOf(47, start + 1)) {
    if (beginnings.has(bytes[start + 1] as number)) yield { name: nameAt(bytes, start), start }
  }
}

/** The name behind a slash, with its `#` codes decoded (ISO 32000-1 section 7.3.5). */
function nameAt(bytes: Buffer, slash: number): string {
  let name = ''
  let at = slash + 1
  while (at < bytes.length && name.length < longestName) {
    const byte = bytes[at] as number
    if (isDelimiter(byte)) break
    const code = byte === 35 ? Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16) : Number.NaN
    name += String.fromCharCode(Number.isNaN(code) ? byte : code)
    at += Number.isNaN(code) ? 1 : 3
  }
  return name
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0 || byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13 && byte !== 11)
}

function isDelimiter(byte: number): boolean {
  return isSpace(byte) || delimiters.includes(byte)
}

/** The dictionary of an object, as far as it matters here. */
export interface PdfDictionary {
  /** Whether it may belong to a stream of objects. */
  readonly tells: boolean
  /** Where the name `ObjStm` stands in it. */
  readonly named: readonly number[]
  /** Its names and what else stands outside of texts, names decoded; only where it tells something. */
  readonly text: string
  /** Where the data of its stream begins; nothing where it has none. */
  readonly data: number | undefined
  /** Bytes that were looked at. */
  readonly length: number
}

const none = (length: number): PdfDictionary => ({ tells: false, named: [], text: '', data: undefined, length })

/** Reads the dictionary that an object begins with (section 7.3): what stands in texts and comments is none of it. */
export function readDictionary(bytes: Buffer, from: number): PdfDictionary {
  const limit = Math.min(bytes.length, from + longestDictionary)
  const start = skipSpace(bytes, from, limit)
  if (bytes[start] !== 60 || bytes[start + 1] !== 60) return none(start - from)
  const named: number[] = []
  const names: string[] = []
  let depth = 0
  let at = start
  while (at < limit) {
    const byte = bytes[at] as number
    if (byte === 60 && bytes[at + 1] === 60) {
      depth++
      at += 2
    } else if (byte === 62 && bytes[at + 1] === 62) {
      depth--
      at += 2
      if (depth === 0) break
    } else if (byte === 40) at = skipText(bytes, at, limit)
    else if (byte === 60) at = skipPast(bytes, 62, at, limit)
    else if (byte === 37) at = skipComment(bytes, at, limit)
    else if (byte === 47) {
      const name = nameAt(bytes, at)
      if (name === 'ObjStm') named.push(at)
      names.push('/', name)
      at++
      while (at < limit && !isDelimiter(bytes[at] as number)) at++
    } else {
      // Between names only brackets matter.
      if (byte === 91 || byte === 93) names.push(byte === 91 ? '[' : ']')
      at++
    }
  }
  const length = at - from
  if (depth !== 0 || !(named.length > 0 || names.includes('First'))) return none(length)
  return { tells: true, named, text: names.join(''), data: dataBehind(bytes, at), length }
}

function dataBehind(bytes: Buffer, end: number): number | undefined {
  const word = skipSpace(bytes, end, Math.min(bytes.length, end + longestName))
  if (bytes.toString('latin1', word, word + 6) !== 'stream') return undefined
  let data = word + 6
  if (bytes[data] === 13) data++
  if (bytes[data] === 10) data++
  return data
}

function skipSpace(bytes: Buffer, from: number, limit: number): number {
  let at = from
  while (at < limit && (isSpace(bytes[at]) || bytes[at] === 37)) {
    at = bytes[at] === 37 ? skipComment(bytes, at, limit) : at + 1
  }
  return at
}

function skipComment(bytes: Buffer, from: number, limit: number): number {
  let at = from
  while (at < limit && bytes[at] !== 10 && bytes[at] !== 13) at++
  return at
}

function skipPast(bytes: Buffer, value: number, from: number, limit: number): number {
  let at = from
  while (at < limit && bytes[at] !== value) at++
  return at + 1
}

/** Passes a text with the brackets in it (section 7.3.4.2). */
function skipText(bytes: Buffer, from: number, limit: number): number {
  let depth = 0
  for (let at = from; at < limit; at++) {
    const byte = bytes[at]
    if (byte === 92) at++
    else if (byte === 40) depth++
    else if (byte === 41 && --depth === 0) return at + 1
  }
  return limit
}
