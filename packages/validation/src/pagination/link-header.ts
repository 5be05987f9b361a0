import type { Page } from '../validators/check-pagination.js'

/** How a page is asked for in the links: the way the client asked. */
export type PageForm = 'offset' | 'page'

/**
 * The `Link` header (RFC 8288) of a page: first, prev, next and last, where there are such. Relative to the request, so that no `Host`
 * header gets into it; other parameters of the query stay.
 *
 * @param target - path and query of the request.
 * @param total - items in all; where it is not known, whether more follow.
 */
export function linkHeader(
  target: string,
  page: Page,
  total: number | { readonly more: boolean },
  form: PageForm,
  baseUrl = '',
): string {
  const { limit, offset } = page
  const mark = target.indexOf('?')
  const path = ownPath(mark === -1 ? target : target.slice(0, mark))
  const links: string[] = []
  const add = (rel: string, at: number): void => {
    const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1))
    if (form === 'page') {
      query.set('page', String(Math.floor(at / limit) + 1))
      query.set('perPage', String(limit))
    } else {
      query.set('limit', String(limit))
      query.set('offset', String(at))
    }
    links.push(`<${baseUrl}${safe(path)}?${query.toString()}>; rel="${rel}"`)
  }
  const more = typeof total === 'number' ? offset + limit < total : total.more
  add('first', 0)
  if (offset > 0) add('prev', Math.max(0, offset - limit))
  if (more) add('next', offset + limit)
  if (typeof total === 'number') add('last', lastOffset(page, total))
  return links.join(', ')
}

/**
 * A path as a reference to this very server: in absolute form its host is left out (RFC 9112 section 3.2.2), and two slashes at the
 * front would begin a host (RFC 3986 section 4.2).
 */
function ownPath(path: string): string {
  if (path.startsWith('//')) return `/.${path}`
  const host = path.startsWith('/') ? -1 : path.indexOf('://')
  if (host === -1) return path
  const start = path.indexOf('/', host + 3)
  return start === -1 ? '/' : ownPath(path.slice(start))
}

/** Where the last page begins, in steps from the one that is shown. */
function lastOffset({ limit, offset }: Page, total: number): number {
  const start = offset % limit
  return total <= start ? 0 : start + Math.floor((total - 1 - start) / limit) * limit
}

/** What would end the reference, or is no part of a URI (RFC 3986 appendix A), in its encoded form. */
function safe(path: string): string {
  return path.replace(/[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]/g, (character) =>
    encodeURIComponent(character.replace(/\p{Surrogate}/gu, '\ufffd')),
  )
}
