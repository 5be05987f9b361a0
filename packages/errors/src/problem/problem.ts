/** Media type of a problem in JSON (RFC 9457 section 4.1). */
export const problemMediaType = 'application/problem+json'

/** One thing that is wrong with a request: an item of {@link Problem.errors} (RFC 9457 section 3). */
export interface ProblemIssue {
  /** What is wrong, for people. */
  readonly detail: string
  /** Where, as a JSON Pointer in URI fragment form (RFC 6901 section 6): `#/items/0/price`. */
  readonly pointer?: string
  /** Part of the request that the pointer points into; the body where it is left out. */
  readonly in?: 'body' | 'query' | 'params' | 'headers' | 'cookies' | (string & {})
  /** Stable name of what is wrong: `too_small`. */
  readonly code?: string
}

/** What went wrong with a request, as it goes over the wire (RFC 9457 section 3.1). Plain JSON data. */
export interface Problem {
  /** URI of the problem type. `about:blank` says nothing more than the status does. */
  readonly type: string
  /** Short summary of the problem type. */
  readonly title: string
  /** The HTTP status of the response. */
  readonly status: number
  /** What went wrong this time. */
  readonly detail?: string
  /** URI reference of this occurrence: the path of the request. */
  readonly instance?: string
  /** Stable name of the failure, for programs. */
  readonly code: string
  /** Id of the request, as in `X-Request-Id` and the log. */
  readonly requestId?: string
  /** Id of the trace, as in `traceparent`. */
  readonly traceId?: string
  /** All that is wrong with the request, where several things can be. */
  readonly errors?: readonly ProblemIssue[]
  /** Further members, as the problem type defines them (RFC 9457 section 3.2). */
  readonly [member: string]: unknown
}

const ownMembers: ReadonlySet<string> = new Set([
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'code',
  'requestId',
  'traceId',
])

/** Whether a member of a problem is given by the toolkit, so that no extension may take its place. */
export function isOwnMember(name: string): boolean {
  return ownMembers.has(name)
}

/**
 * A path into a JSON document as a JSON Pointer in URI fragment form (RFC 6901 section 6).
 *
 * @example
 * toPointer(['items', 0, 'a/b']) // '#/items/0/a~1b'
 */
export function toPointer(path: readonly (string | number)[]): string {
  let pointer = '#'
  for (const segment of path) {
    const escaped = String(segment).replaceAll('~', '~0').replaceAll('/', '~1')
    // A lone surrogate has no UTF-8 form, and encodeURIComponent throws for it.
    pointer += `/${encodeURIComponent(escaped.replace(/[\ud800-\udfff]/gu, '\ufffd'))}`
  }
  return pointer
}
