import {
  integerOption,
  middleware,
  rejectUnknownOptions,
  stringOption,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import type { IncomingMessage } from 'node:http'
import { RequestValidationError } from '../errors.js'
import { queryOf } from '../query-value.js'
import { jsonPointer } from '../validate/issues.js'
import { pageReader, type CheckPaginationOptions, type Page } from '../validators/check-pagination.js'
import { linkHeader } from './link-header.js'

/** What {@link pagination} may be given. */
export interface PaginationOptions extends CheckPaginationOptions {
  /** What stands before the path in links: `https://api.example.com`. @defaultValue nothing: links are relative */
  baseUrl?: string
}

/** The page that a request asks for. */
export interface RequestedPage extends Page {
  /** Sets `X-Total-Count` and `Link`, from the number of items in all. */
  setTotal(total: number): void
  /** Sets `Link` where nobody counts: whether more items follow. */
  setMore(more: boolean): void
}

/** Middleware that reads the page. */
export type PaginationMiddleware = StepMiddleware & {
  /**
   * The page that a request asks for.
   *
   * @throws TypeError where the middleware has not run for this request.
   */
  page(req: IncomingMessage): RequestedPage
}

const names: readonly string[] = ['limit', 'offset', 'page', 'perPage']

/**
 * Reads `limit` and `offset`, or `page` and `perPage`, from the query, refuses what is out of bounds, and writes the headers of the answer.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work. To `next` goes {@link RequestValidationError}.
 *
 * @example
 * ```ts
 * const paged = pagination()
 * app.get('/projects', paged, async (req, res) => {
 *   const page = paged.page(req)
 *   const { rows, total } = await listProjects(page.limit, page.offset)
 *   page.setTotal(total)
 *   res.json(rows)
 * })
 * ```
 */
export function pagination(options: PaginationOptions = {}): PaginationMiddleware {
  rejectUnknownOptions('pagination', options, ['defaultLimit', 'maxLimit', 'maxOffset', 'baseUrl'])
  const { baseUrl = '', ...bounds } = options
  if (baseUrl !== '') stringOption('pagination', 'baseUrl', baseUrl)
  const base = baseUrl.replace(/\/$/, '')
  const read = pageReader(bounds, 'pagination')
  const pages = new WeakMap<IncomingMessage, RequestedPage>()

  const request = (exchange: Exchange): void => {
    const query = queryOf(exchange.req, names)
    const check = read(query)
    if (!check.ok) {
      const pointer = jsonPointer(check.field === undefined ? [] : [check.field])
      return exchange.refuse(
        new RequestValidationError([{ in: 'query', pointer, code: check.code, detail: check.message }]),
      )
    }
    const form = query['page'] === undefined && query['perPage'] === undefined ? 'offset' : 'page'
    const { limit, offset } = check.value
    const target = exchange.req.originalUrl ?? exchange.req.url ?? '/'
    const link = (total: number | { more: boolean }): void =>
      exchange.setHeader('Link', linkHeader(target, check.value, total, form, base))
    pages.set(exchange.req, {
      limit,
      offset,
      setTotal: (total) => {
        exchange.setHeader('X-Total-Count', String(integerOption('pagination', 'total', total)))
        link(total)
      },
      setMore: (more) => link({ more }),
    })
  }
  return Object.assign(middleware({ name: 'pagination', request }), {
    page: (req: IncomingMessage) => {
      const page = pages.get(req)
      if (page === undefined) throw new TypeError('pagination: this middleware has not run for this request')
      return page
    },
  })
}
