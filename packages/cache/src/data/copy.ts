import { types } from 'node:util'
import { CacheValueError } from '../errors.js'
import { isFixed } from './fixed-bytes.js'

/** A value of the cache's own, that nobody else has a reference to. */
export interface Copied {
  readonly value: unknown
  /** Estimated bytes in memory. */
  readonly bytes: number
  /**
   * Whether the copy is frozen through and through, so that all callers may share it. Dates, maps, sets and bytes cannot
   * be frozen: what holds any is copied for each caller.
   */
  readonly isShareable: boolean
  /** Whether `JSON` keeps everything that is in it. */
  readonly isJson: boolean
}

const maxDepth = 100
const maxBytes = 64 * 1024 * 1024

/**
 * Copies a value deeply and freezes the copy. Objects of classes become plain data, as in JSON; dates, maps, sets, big
 * integers, bytes and `undefined` members stay what they are.
 *
 * @throws CacheValueError `ERR_CACHE_VALUE`
 */
export function copyValue(value: unknown): Copied {
  if (value === undefined) throw new CacheValueError('$', 'is undefined; use null for "there is none"')
  const copier = new Copier()
  const copy = copier.copy(value, 0)
  return { value: copy, bytes: copier.bytes, isShareable: copier.isShareable, isJson: copier.isJson }
}

class Copier {
  bytes = 0
  isShareable = true
  isJson = true
  readonly #path: (string | number)[] = []
  readonly #parents = new Set<object>()

  copy(value: unknown, depth: number): unknown {
    if (this.bytes > maxBytes) this.#fail('is larger than 64 MB')
    switch (typeof value) {
      case 'string':
        this.bytes += 16 + Buffer.byteLength(value)
        return value
      case 'number':
        this.bytes += 8
        if (!Number.isFinite(value) || Object.is(value, -0)) this.isJson = false
        return value
      case 'boolean':
        this.bytes += 4
        return value
      case 'undefined':
        this.isJson = false
        return value
      case 'bigint':
        this.bytes += 16 + value.toString(16).length / 2
        this.isJson = false
        return value
      case 'object':
        return value === null ? null : this.#copyObject(value, depth)
      default:
        return this.#fail(`holds a ${typeof value}`)
    }
  }

  #copyObject(value: object, depth: number): unknown {
    if (depth >= maxDepth) this.#fail(`is nested more than ${maxDepth} levels deep`)
    this.bytes += 32
    const special = this.#copySpecial(value)
    if (special !== undefined) return special
    if (this.#parents.has(value)) this.#fail('is circular')
    this.#parents.add(value)
    const copy = this.#copyContainer(value, depth)
    this.#parents.delete(value)
    return copy
  }

  #copySpecial(value: object): object | undefined {
    if (types.isUint8Array(value) && isFixed(value)) {
      this.bytes += value.byteLength
      this.isJson = false
      return value
    }
    let copy: object | undefined
    if (types.isDate(value)) copy = new Date(value.getTime())
    else if (Buffer.isBuffer(value)) copy = Buffer.from(value)
    else if (types.isUint8Array(value)) copy = Uint8Array.from(value)
    else if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isPromise(value)) {
      this.#fail(`holds a ${value.constructor.name}`)
    }
    if (copy === undefined) return undefined
    if (types.isUint8Array(copy)) this.bytes += copy.byteLength
    this.isShareable = this.isJson = false
    return copy
  }

  #copyContainer(value: object, depth: number): unknown {
    if (Array.isArray(value)) {
      this.bytes += value.length * 8
      return Object.freeze(Array.from(value, (item, at) => this.#member(item, at, depth)))
    }
    if (types.isMap(value)) {
      this.isShareable = this.isJson = false
      const pairs = [...value].map(([key, item], at): [unknown, unknown] => [
        this.#member(key, at, depth),
        this.#member(item, at, depth),
      ])
      return new Map(pairs)
    }
    if (types.isSet(value)) {
      this.isShareable = this.isJson = false
      return new Set([...value].map((item, at) => this.#member(item, at, depth)))
    }
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON === 'function') return this.copy(toJSON.call(value), depth + 1)
    const copy: Record<string, unknown> = {}
    for (const name of Object.keys(value)) {
      this.bytes += 16 + name.length
      const member = this.#member((value as Record<string, unknown>)[name], name, depth)
      // As an own member, since an assignment would change the prototype.
      if (name === '__proto__') Object.defineProperty(copy, name, { value: member, enumerable: true })
      else copy[name] = member
    }
    return Object.freeze(copy)
  }

  #member(value: unknown, at: string | number, depth: number): unknown {
    this.#path.push(at)
    const copy = this.copy(value, depth + 1)
    this.#path.pop()
    return copy
  }

  #fail(problem: string): never {
    const at = this.#path.slice(0, 8).map((part) => (typeof part === 'number' ? `[${part}]` : `.${part.slice(0, 40)}`))
    throw new CacheValueError(`$${at.join('')}${this.#path.length > 8 ? '...' : ''}`, problem)
  }
}
