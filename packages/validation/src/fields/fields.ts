import {
  choiceOption,
  ConfigError,
  middleware,
  rejectUnknownOptions,
  stringOption,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import type { IncomingMessage } from 'node:http'
import { RequestValidationError } from '../errors.js'
import { queryValue } from '../query-value.js'
import { jsonPointer, type ValidationIssue } from '../validate/issues.js'
import { fieldTree, pickFields } from './pick-fields.js'

/** What {@link fields} may be given. */
export interface FieldsOptions {
  /** Fields that clients may ask for; a dot goes below: `['id', 'name', 'author.name']`. */
  allow: readonly string[]
  /** Fields that are always there, beside those that are asked for. @defaultValue none */
  always?: readonly string[]
  /** Key of the body under which the items stand, where they are not the body itself: `data`. @defaultValue none: the body itself */
  root?: string
  /** Name of the query parameter. @defaultValue `'fields'` */
  param?: string
  /** What becomes of a field that is not allowed: 400, or it is passed over. @defaultValue `'refuse'` */
  unknown?: 'refuse' | 'ignore'
}

/** Middleware that answers with the fields that were asked for. */
export type FieldsMiddleware = StepMiddleware & {
  /** The fields that a request asked for, for instance to read only these columns; `undefined` where it asked for none by name. */
  selected(req: IncomingMessage): readonly string[] | undefined
}

const optionNames: readonly (keyof FieldsOptions)[] = ['allow', 'always', 'root', 'param', 'unknown']
const mostFields = 100

/**
 * Lets clients ask for a part of an answer: `?fields=id,author.name`. Works on what the route hands to `res.json`, with a status below
 * 400; without the parameter nothing changes.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work. To `next` goes {@link RequestValidationError} for a field that is not allowed.
 *
 * @example
 * ```ts
 * app.get('/projects', fields({ allow: ['id', 'name', 'owner.name'], root: 'data' }), listProjects)
 * ```
 */
export function fields(options: FieldsOptions): FieldsMiddleware {
  rejectUnknownOptions('fields', options, optionNames)
  const { always = [], root, param = 'fields', unknown = 'refuse' } = options
  const allowed = allowedNames(options.allow, always)
  stringOption('fields', 'param', param)
  if (root !== undefined) stringOption('fields', 'root', root)
  const ignores = choiceOption('fields', 'unknown', unknown, ['refuse', 'ignore']) === 'ignore'
  const selections = new WeakMap<IncomingMessage, readonly string[]>()

  const request = (exchange: Exchange): void => {
    const sent = queryValue(exchange.req, param)
    if (sent === undefined) return
    const { names, issues } = readNames(sent, param, allowed)
    if (issues.length > 0 && !ignores) return exchange.refuse(new RequestValidationError(issues))
    const selected = [...new Set([...always, ...names])]
    selections.set(exchange.req, selected)
    const tree = fieldTree(selected)
    filterJson(exchange, (body) => {
      if (root === undefined) return pickFields(body, tree)
      if (typeof body !== 'object' || body === null || !Object.hasOwn(body, root)) return body
      return { ...body, [root]: pickFields((body as Record<string, unknown>)[root], tree) }
    })
  }
  return Object.assign(middleware({ name: 'fields', request }), {
    selected: (req: IncomingMessage) => selections.get(req),
  })
}

function allowedNames(allow: unknown, always: readonly string[]): ReadonlySet<string> {
  const names = Array.isArray(allow) ? (allow as unknown[]) : []
  const valid = [...names, ...always].every(
    (name) => typeof name === 'string' && /^[^.,\s]+(?:\.[^.,\s]+)*$/.test(name),
  )
  if (names.length === 0 || !valid) {
    throw new ConfigError('fields', 'allow', "a list of names such as ['id', 'author.name']", allow)
  }
  return new Set([...(names as string[]), ...always])
}

/** A name is allowed by itself, or because what it stands below is. */
function isAllowed(name: string, allowed: ReadonlySet<string>): boolean {
  if (allowed.has(name)) return true
  const dot = name.lastIndexOf('.')
  return dot !== -1 && isAllowed(name.slice(0, dot), allowed)
}

function readNames(
  sent: unknown,
  param: string,
  allowed: ReadonlySet<string>,
): { readonly names: readonly string[]; readonly issues: readonly ValidationIssue[] } {
  const issue = (code: string, detail: string): ValidationIssue => ({
    in: 'query',
    pointer: jsonPointer([param]),
    code,
    detail,
  })
  if (typeof sent !== 'string' || sent.length > 4_000) {
    return { names: [], issues: [issue('invalid_fields', 'must be names with commas between them')] }
  }
  const names = sent
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.length > mostFields)
    return { names: [], issues: [issue('invalid_fields', `must be at most ${mostFields} names`)] }
  const known = names.filter((name) => name.length <= 200 && isAllowed(name, allowed))
  if (known.length === names.length) return { names, issues: [] }
  return { names: known, issues: [issue('unknown_field', `must be of ${[...allowed].join(', ')}`)] }
}

function filterJson(exchange: Exchange, filter: (body: unknown) => unknown): void {
  const res = exchange.res as { json?: (body?: unknown) => unknown; statusCode: number }
  const { json } = res
  if (json === undefined) return
  res.json = function (body) {
    res.json = json
    return json.call(this, res.statusCode < 400 ? filter(body) : body)
  }
}
