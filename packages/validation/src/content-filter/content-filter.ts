import {
  choiceOption,
  ConfigError,
  functionOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type StepMiddleware,
} from '@hardening/core'
import type { IncomingMessage } from 'node:http'
import { ContentRefusedError } from '../errors.js'
import { jsonPointer } from '../validate/issues.js'
import {
  makeTextFilter,
  maskSpans,
  textFilterOptionNames,
  type TextFilter,
  type TextFilterOptions,
} from './text-filter.js'

/** What {@link contentFilter} may be given. */
export interface ContentFilterOptions extends TextFilterOptions {
  /** Fields of the body that are filtered, `*` for any one key: `['title', 'comments.*.text']`. */
  fields: readonly string[]
  /** What becomes of a find: asterisks in its place, or the request is refused with 400. @defaultValue `'mask'` */
  action?: 'mask' | 'refuse'
  /** Called once a request that has finds. What it throws is not caught. @defaultValue nothing */
  onViolation?: (violations: readonly ContentViolation[], req: IncomingMessage) => void
}

/** What was found in a field. Holds no part of the text. */
export interface ContentViolation {
  /** JSON Pointer to the field in the body. */
  readonly pointer: string
  /** The entry of the list, or the name of the pattern. */
  readonly rule: string
  readonly kind: 'word' | 'pattern'
  /** How often. */
  readonly count: number
}

/** Middleware that filters what people write. */
export type ContentFilterMiddleware = StepMiddleware & {
  /** What was found in a request. */
  violations(req: IncomingMessage): readonly ContentViolation[]
}

/**
 * Masks or refuses words and patterns in the named fields of a parsed body. Nothing else of the body is touched.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work. To `next` goes {@link ContentRefusedError}
 * `ERR_VALIDATION_CONTENT_REFUSED`, with `action: 'refuse'`.
 *
 * @example
 * ```ts
 * app.post('/comments', express.json(), contentFilter({ fields: ['text'] }), saveComment)
 * ```
 */
export function contentFilter(options: ContentFilterOptions): ContentFilterMiddleware {
  rejectUnknownOptions('contentFilter', options, [...textFilterOptionNames, 'fields', 'action', 'onViolation'])
  const { fields, action = 'mask', onViolation = () => undefined, ...words } = options
  if (
    !Array.isArray(fields) ||
    fields.length === 0 ||
    !fields.every((field) => typeof field === 'string' && field !== '')
  ) {
    throw new ConfigError('contentFilter', 'fields', "a list of fields of the body, such as ['text']", fields)
  }
  choiceOption('contentFilter', 'action', action, ['mask', 'refuse'])
  functionOption('contentFilter', 'onViolation', onViolation)
  const paths = (fields as readonly string[]).map((field) => field.split('.'))
  const filter = makeTextFilter('contentFilter', words)
  const keepSpaces = words.keepSpaces ?? true
  const found = new WeakMap<IncomingMessage, readonly ContentViolation[]>()

  const request = (exchange: Exchange): void => {
    const req = exchange.req as IncomingMessage & { body?: unknown }
    const walk = new BodyWalk(filter, keepSpaces)
    let body = req.body
    for (const path of paths) body = walk.masked(body, path, [])
    if (walk.violations.length === 0) return
    found.set(req, walk.violations)
    onViolation(walk.violations, req)
    if (action === 'refuse') exchange.refuse(new ContentRefusedError(walk.violations))
    else req.body = body
  }
  return Object.assign(middleware({ name: 'contentFilter', request }), {
    violations: (req: IncomingMessage) => found.get(req) ?? [],
  })
}

/** Goes to the fields of a body and masks what they hold, in copies of the objects on the way. */
class BodyWalk {
  readonly violations: ContentViolation[] = []
  readonly #filter: TextFilter
  readonly #keepSpaces: boolean

  constructor(filter: TextFilter, keepSpaces: boolean) {
    this.#filter = filter
    this.#keepSpaces = keepSpaces
  }

  masked(value: unknown, rest: readonly string[], path: readonly string[]): unknown {
    const [key, ...further] = rest
    if (key === undefined) return typeof value === 'string' ? this.#text(value, path) : value
    if (typeof value !== 'object' || value === null) return value
    const keys = key === '*' ? Object.keys(value) : Object.hasOwn(value, key) ? [key] : []
    let copy: object = value
    for (const each of keys) {
      const before = (value as Record<string, unknown>)[each]
      const after = this.masked(before, further, [...path, each])
      if (after === before) continue
      if (copy === value) copy = Array.isArray(value) ? [...(value as unknown[])] : { ...value }
      ;(copy as Record<string, unknown>)[each] = after
    }
    return copy
  }

  #text(text: string, path: readonly string[]): string {
    const finds = this.#filter.find(text)
    if (finds.length === 0) return text
    const counts = new Map<string, ContentViolation>()
    for (const { rule, kind } of finds) {
      const count = (counts.get(`${kind} ${rule}`)?.count ?? 0) + 1
      counts.set(`${kind} ${rule}`, { pointer: jsonPointer(path), rule, kind, count })
    }
    this.violations.push(...counts.values())
    return maskSpans(text, finds, this.#keepSpaces)
  }
}
