import { charCodeAt } from './char-code-at.js'

/** The most list members of a combined `tracestate` (Trace Context level 2, section 3.3.2). */
const MAX_MEMBERS = 32
/** Longest key and longest value (sections 3.3.2.2.1 and 3.3.2.2.2). */
const MAX_PART = 256
/** Most that is handed on. At least 512 are asked for (section 3.3.2.5); servers refuse heads of 8 to 16 KB. */
const MAX_LENGTH = 4096
/** Members longer than this are given up first when something has to go (section 3.3.2.5). */
const LONG_MEMBER = 128

/**
 * Reads `tracestate` (W3C Trace Context level 2, section 3.3.2): the members of all headers in their order as one
 * list, ready to be sent on. Empty members are left out and of one key only the first, which is the newest, is kept. An
 * error anywhere drops the whole list, and so does a 33rd member. A list of
 * over 4,096 characters loses members until it fits, from the end: first those of over 128 characters, then the others.
 *
 * Use it only where `traceparent` was valid (section 4.2).
 *
 * @returns an empty string where nothing is left to hand on.
 */
export function parseTracestate(headers: string | readonly string[] | undefined): string {
  if (headers === undefined || headers.length === 0) return ''
  const members: string[] = []
  const keys = new Set<string>()
  for (const header of typeof headers === 'string' ? [headers] : headers) {
    if (!readList(header, members, keys)) return ''
  }
  return join(members)
}

/** Adds the members of one header; false where one breaks the grammar or the list gets too long. */
function readList(header: string, members: string[], keys: Set<string>): boolean {
  let start = 0
  let seen = members.length
  while (start <= header.length) {
    let comma = header.indexOf(',', start)
    if (comma === -1) comma = header.length
    const member = trimSpace(header, start, comma)
    start = comma + 1
    if (member === '') continue
    if (++seen > MAX_MEMBERS) return false
    const equals = member.indexOf('=')
    if (!isKey(member, equals) || !isValue(member, equals + 1)) return false
    const key = member.slice(0, equals)
    if (keys.has(key)) continue
    keys.add(key)
    members.push(member)
  }
  return true
}

/** Optional white space is a space or a tab, nothing else (RFC 9110, section 5.6.3). */
function trimSpace(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isSpace(charCodeAt(text, start))) start++
  while (end > start && isSpace(charCodeAt(text, end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** `( lcalpha / DIGIT ) 0*255( lcalpha / DIGIT / "_" / "-" / "*" / "/" / "@" )` */
function isKey(member: string, end: number): boolean {
  if (end < 1 || end > MAX_PART) return false
  for (let index = 0; index < end; index++) {
    const code = charCodeAt(member, index)
    const isFirst = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)
    if (isFirst) continue
    const isFurther = code === 0x5f || code === 0x2d || code === 0x2a || code === 0x2f || code === 0x40
    if (index === 0 || !isFurther) return false
  }
  return true
}

/** `0*255( chr ) nblk-chr`: printable ASCII but comma and equals sign; trailing spaces are gone already. */
function isValue(member: string, start: number): boolean {
  const length = member.length - start
  if (length < 1 || length > MAX_PART) return false
  for (let index = start; index < member.length; index++) {
    const code = charCodeAt(member, index)
    if (code < 0x20 || code > 0x7e || code === 0x2c || code === 0x3d) return false
  }
  return true
}

function join(members: string[]): string {
  let length = members.length - 1
  for (const member of members) length += member.length
  for (let index = members.length - 1; length > MAX_LENGTH && index >= 0; index--) {
    const member = members[index]!
    if (member.length <= LONG_MEMBER) continue
    members.splice(index, 1)
    length -= member.length + 1
  }
  while (length > MAX_LENGTH) length -= members.pop()!.length + 1
  return members.join(',')
}
