import { toPointer, type ProblemIssue } from '../problem/problem.js'
import type { ForeignMapping, Mapped } from './mapped-error.js'
import { read, readList, readText } from './safe-read.js'

/** At most so many issues go into a body, so that no request can ask for a large answer. */
const maxIssues = 100

/** Errors of schema libraries, which all mean that the request is not valid. */
export const fromSchemaIssues: ForeignMapping = (error) =>
  fromStandardIssues(error) ?? fromJoi(error) ?? fromAjv(error) ?? fromYup(error)

/** Zod 3 and 4, Valibot, and whatever throws issues of Standard Schema; ArkType keeps them one level down. */
const fromStandardIssues: ForeignMapping = (error) => {
  const holder = read(error, 'arkErrors') ?? error
  const issues = readList(holder, 'issues', maxIssues)
  if (issues.length === 0 || !issues.every((issue) => typeof read(issue, 'message') === 'string')) return undefined
  return invalid(
    issues.map((issue) => issueOf(readText(issue, 'message'), segments(read(issue, 'path')), codeOf(issue))),
  )
}

const fromJoi: ForeignMapping = (error) => {
  if (read(error, 'isJoi') !== true) return undefined
  const details = readList(error, 'details', maxIssues)
  return invalid(
    details.map((at) => issueOf(readText(at, 'message'), segments(read(at, 'path')), readText(at, 'type'))),
  )
}

const fromAjv: ForeignMapping = (error) => {
  if (read(error, 'ajv') !== true || read(error, 'validation') !== true) return undefined
  return invalid(
    readList(error, 'errors', maxIssues).map((at) => {
      // Already a JSON Pointer, though not a fragment.
      const path = readText(at, 'instancePath')
        .split('/')
        .slice(1)
        .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
      return issueOf(readText(at, 'message'), path, readText(at, 'keyword'))
    }),
  )
}

const fromYup: ForeignMapping = (error) => {
  if (readText(error, 'name') !== 'ValidationError' || !Array.isArray(read(error, 'inner'))) return undefined
  const inner = readList(error, 'inner', maxIssues)
  const issues = inner.length > 0 ? inner : [error]
  return invalid(
    issues.map((at) => {
      const path = readText(at, 'path').split(/[.[\]"]+/)
      return issueOf(
        readText(at, 'message'),
        path.filter((segment) => segment !== ''),
        readText(at, 'type'),
      )
    }),
  )
}

function invalid(errors: readonly ProblemIssue[]): Mapped {
  return { status: 400, code: 'ERR_HTTP_VALIDATION', detail: 'The request is not valid.', errors }
}

function issueOf(message: string, path: readonly (string | number)[], code: string): ProblemIssue {
  return { detail: message || 'is not valid', pointer: toPointer(path), ...(code !== '' && { code }) }
}

/** Zod has its code in `code`, Valibot in `type`. */
function codeOf(issue: unknown): string {
  return readText(issue, 'code') || readText(issue, 'type')
}

/** A path of Standard Schema: keys, or objects that hold one. */
function segments(path: unknown): (string | number)[] {
  if (!Array.isArray(path)) return []
  return path.slice(0, 100).map((segment: unknown) => {
    const key = typeof segment === 'object' && segment !== null ? read(segment, 'key') : segment
    return typeof key === 'number' ? key : typeof key === 'symbol' ? (key.description ?? '') : String(key)
  })
}
