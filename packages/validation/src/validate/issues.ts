import type { SchemaIssue } from './standard-schema.js'

/** One step of a path into a value. */
export type PathKey = string | number

/** The parts of a request that can be validated. */
export type RequestPart = 'body' | 'query' | 'params' | 'headers' | 'cookies'

/** Something wrong within one part of a request. */
export interface PartIssue {
  readonly path: readonly PathKey[]
  readonly code: string
  readonly message: string
}

/** One member of `errors` in the problem body (RFC 9457 section 3). */
export interface ValidationIssue {
  /** The part of the request that is at fault. */
  readonly in: RequestPart
  /** JSON Pointer into that part, as a URI fragment (RFC 6901 section 6): `#/items/0/price`; `#` is the whole part. */
  readonly pointer: string
  /** `required` where nothing was sent, else what the schema library calls it: `too_small`, `min_length`, `pattern` ... */
  readonly code: string
  /** What is wrong, in plain words. Repeats no value that was sent. */
  readonly detail: string
}

/** A JSON Pointer as a URI fragment: RFC 6901 sections 3 and 6. */
export function jsonPointer(path: readonly PathKey[]): string {
  let pointer = '#'
  for (const key of path) pointer += `/${fragment(String(key).replaceAll('~', '~0').replaceAll('/', '~1'))}`
  return pointer
}

function fragment(text: string): string {
  // A key may hold half of a surrogate pair, which has no UTF-8 form.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD'))
}

/** What a schema said about a part, in our form. `value` is the part as it was sent. */
export function readSchemaIssue(issue: SchemaIssue, value: unknown): PartIssue {
  const path = (issue.path ?? []).map((step) => pathKey(typeof step === 'object' ? step.key : step))
  const found = valueAt(value, path)
  return { path, code: codeOf(issue, found), message: withoutValues(issue.message, found) }
}

function pathKey(key: PropertyKey): PathKey {
  return typeof key === 'symbol' ? String(key.description ?? '') : key
}

function valueAt(value: unknown, path: readonly PathKey[]): unknown {
  let at = value
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as Record<PathKey, unknown>)[key]
  }
  return at
}

/** Zod and ArkType name the kind of an issue `code`, Valibot `type`; the standard itself has no name for it. */
function codeOf(issue: SchemaIssue, found: unknown): string {
  if (found === undefined) return 'required'
  const { code, type } = issue as { code?: unknown; type?: unknown }
  const name = typeof code === 'string' ? code : typeof type === 'string' ? type : ''
  return /^[A-Za-z][\w.-]{0,63}$/.test(name)
    ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    : 'invalid'
}

/**
 * The message without what the client sent: libraries quote the value (`Received "hunter2"`), and messages end up in
 * logs.
 */
function withoutValues(message: string, found: unknown): string {
  let plain = message
  for (const text of textsOf(found, [], 0)) plain = plain.replaceAll(JSON.stringify(text), 'the value given')
  return plain.length > 300 ? `${plain.slice(0, 297)}...` : plain
}

function textsOf(value: unknown, texts: string[], depth: number): string[] {
  if (texts.length >= 50 || depth > 5) return texts
  if (typeof value === 'string') {
    if (value.length > 0 && value.length <= 300) texts.push(value)
  } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value).slice(0, 50))
      textsOf((value as Record<string, unknown>)[key], texts, depth + 1)
  }
  return texts
}
