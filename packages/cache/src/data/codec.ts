import { isUtf8 } from 'node:buffer'
import { types } from 'node:util'
import { fixBytes, isFixed } from './fixed-bytes.js'

/**
 * Text of a value that holds more than JSON knows. Everything that is no primitive becomes an array that begins with a
 * letter for its type, so that no value can be mistaken for the notation.
 */
export function encodeTagged(value: unknown): string {
  return JSON.stringify(tag(value))
}

/** What {@link encodeTagged} has written; throws where it has not. */
export function decodeTagged(text: string): unknown {
  return untag(JSON.parse(text))
}

function tag(value: unknown): unknown {
  if (value === undefined) return ['u']
  if (typeof value === 'bigint') return ['n', value.toString()]
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return ['f', Object.is(value, -0) ? '-0' : String(value)]
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return ['a', value.map(tag)]
  if (types.isDate(value)) return ['d', Number.isNaN(value.getTime()) ? null : value.getTime()]
  if (types.isUint8Array(value) && isFixed(value)) return tagFixed(value)
  if (Buffer.isBuffer(value)) return ['b', value.toString('base64')]
  if (types.isUint8Array(value)) return ['y', Buffer.from(value).toString('base64')]
  if (types.isMap(value)) return ['m', [...value].map(([key, item]) => [tag(key), tag(item)])]
  if (types.isSet(value)) return ['s', [...value].map(tag)]
  return ['o', Object.entries(value).map(([name, member]) => [name, tag(member)])]
}

/** As text where it is UTF-8 through and through: a third shorter. */
function tagFixed(bytes: Uint8Array): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isUtf8(buffer) ? ['t', buffer.toString('utf8')] : ['x', buffer.toString('base64')]
}

function untag(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const [type, content] = value as [string, never]
  switch (type) {
    case 'u':
      return undefined
    case 'n':
      return BigInt(content)
    case 'f':
      return Number(content)
    case 'a':
      return (content as unknown[]).map(untag)
    case 'd':
      return new Date(content ?? Number.NaN)
    case 'b':
      return Buffer.from(content, 'base64')
    case 't':
      return fixBytes(Buffer.from(content, 'utf8'))
    case 'x':
      return fixBytes(Buffer.from(content, 'base64'))
    case 'y':
      return Uint8Array.from(Buffer.from(content, 'base64'))
    case 'm':
      return new Map((content as [unknown, unknown][]).map(([key, item]) => [untag(key), untag(item)]))
    case 's':
      return new Set((content as unknown[]).map(untag))
    case 'o':
      return objectOf((content as [string, unknown][]).map(([name, member]) => [name, untag(member)]))
    default:
      throw new TypeError('not a value of the cache')
  }
}

function objectOf(members: [string, unknown][]): object {
  return Object.fromEntries(members)
}
