import { integerOption, rejectUnknownOptions } from '@hardening/core'
import { fine, wrong, type Check } from './check.js'

/** What {@link checkPagination} may be given. */
export interface CheckPaginationOptions {
  /** Items where none are asked for. @defaultValue 20 */
  defaultLimit?: number
  /** Most items at once. @defaultValue 100 */
  maxLimit?: number
  /** Furthest offset, so that nobody makes the database count to a billion. @defaultValue 1,000,000 */
  maxOffset?: number
}

/** Which part of a list is asked for. */
export interface Page {
  /** Items at most: 1 to 100. */
  readonly limit: number
  /** Items before the first: from 0. */
  readonly offset: number
}

/**
 * `limit` and `offset`, or `page` (from 1) and `perPage`, as they stand in a query. What is left out takes its default; what is no
 * whole number or out of bounds is refused, not bent into shape.
 */
export function checkPagination(query: unknown, options: CheckPaginationOptions = {}): Check<Page> {
  return pageReader(options)(query)
}

/** {@link checkPagination} with its options checked once. */
export function pageReader(
  options: CheckPaginationOptions = {},
  factory = 'checkPagination',
): (query: unknown) => Check<Page> {
  rejectUnknownOptions(factory, options, ['defaultLimit', 'maxLimit', 'maxOffset'])
  const { maxLimit = 100, defaultLimit = Math.min(20, maxLimit), maxOffset = 1_000_000 } = options
  integerOption(factory, 'maxLimit', maxLimit, { min: 1, max: 10_000 })
  integerOption(factory, 'defaultLimit', defaultLimit, { min: 1, max: maxLimit })
  integerOption(factory, 'maxOffset', maxOffset)

  return (query) => {
    const sent = (typeof query === 'object' && query !== null ? query : {}) as Record<string, unknown>
    const byPage = own(sent, 'page') !== undefined || own(sent, 'perPage') !== undefined
    if (byPage && (own(sent, 'limit') !== undefined || own(sent, 'offset') !== undefined)) {
      return wrong('invalid_pagination', 'must have either limit and offset or page and perPage')
    }
    const size = byPage ? 'perPage' : 'limit'
    const limit = whole(own(sent, size), defaultLimit)
    if (limit === undefined || limit < 1 || limit > maxLimit) {
      return wrong('invalid_limit', `must be a whole number from 1 to ${maxLimit}`, size)
    }
    const page = byPage ? whole(own(sent, 'page'), 1) : 1
    if (page === undefined || page < 1 || (page - 1) * limit > maxOffset) {
      return wrong('invalid_page', `must be a whole number from 1 to ${Math.floor(maxOffset / limit) + 1}`, 'page')
    }
    const offset = byPage ? (page - 1) * limit : whole(own(sent, 'offset'), 0)
    if (offset === undefined || offset > maxOffset) {
      return wrong('invalid_offset', `must be a whole number from 0 to ${maxOffset}`, 'offset')
    }
    return fine({ limit, offset })
  }
}

function own(query: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(query, name) ? query[name] : undefined
}

function whole(value: unknown, fallback: number): number | undefined {
  if (value === undefined) return fallback
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined
  return typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : undefined
}
