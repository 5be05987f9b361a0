/** A media type, or a range of them, without parameters: `application/json`, `application/*+json`. */
export interface MediaType {
  readonly type: string
  readonly subtype: string
}

const token = "[a-z0-9!#$%&'*+.^_`|~-]+"
const typePattern = new RegExp(`^(${token})/(${token})$`)

/** Reads a media type in lower case; `undefined` where it is none (RFC 9110 section 8.3.1). */
export function parseMediaType(text: string): MediaType | undefined {
  const semicolon = text.indexOf(';')
  const [, type, subtype] =
    typePattern.exec((semicolon === -1 ? text : text.slice(0, semicolon)).trim().toLowerCase()) ?? []
  return type === undefined || subtype === undefined ? undefined : { type, subtype }
}

/** Whether `range` holds `media`: by equality, `application/*`, `*` `/*`, or a suffix such as `application/*+json`. */
export function holds(range: MediaType, media: MediaType): boolean {
  if (range.type !== '*' && range.type !== media.type) return false
  if (range.subtype === '*' || range.subtype === media.subtype) return true
  return range.subtype.startsWith('*+') && media.subtype.endsWith(range.subtype.slice(1))
}

/** One entry of an `Accept` header. */
interface AcceptEntry extends MediaType {
  readonly quality: number
}

/** Most entries of an `Accept` header that are looked at; browsers send fewer than ten. */
const maxEntries = 64

/** Whether an `Accept` header takes one of the types: what names it most exactly decides (RFC 9110 section 12.5.1). */
export function accepts(header: string, types: readonly MediaType[]): boolean {
  const entries: AcceptEntry[] = []
  for (const part of header.split(',', maxEntries)) {
    const media = parseMediaType(part)
    if (media !== undefined) entries.push({ ...media, quality: qualityOf(part) })
  }
  // What cannot be read says nothing.
  return entries.length === 0 || types.some((type) => qualityFor(type, entries) > 0)
}

function qualityFor(type: MediaType, entries: readonly AcceptEntry[]): number {
  let rank = 0
  let quality = 0
  for (const entry of entries) {
    const exactness =
      !holds(entry, type) && !holds(type, entry) ? 0 : entry.type === '*' ? 1 : entry.subtype === '*' ? 2 : 3
    if (exactness > rank) {
      rank = exactness
      quality = entry.quality
    }
  }
  return quality
}

function qualityOf(part: string): number {
  const match = /;\s{0,8}q=([01](?:\.\d{0,3})?)/i.exec(part)
  return match === null ? 1 : Number(match[1])
}
