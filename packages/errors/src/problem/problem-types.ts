import type { Problem } from './problem.js'

/** The part of Standard Schema that is used, so that Zod, Valibot, ArkType and the like all fit (standardschema.dev). */
export interface MemberSchema<Members = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (
      value: unknown,
    ) =>
      | { readonly value: Members; readonly issues?: undefined }
      | { readonly issues: readonly unknown[] }
      | Promise<unknown>
    readonly types?: { readonly input: unknown; readonly output: Members } | undefined
  }
}

/** What an application says about one type of problem. */
export interface ProblemTypeDefinition<Members extends object = object> {
  /** Short summary, the same for every occurrence (RFC 9457 section 3.1.3). */
  readonly title: string
  /** The HTTP status that it comes with. */
  readonly status: number
  /** Code of the errors that are of this type; the error handler gives them its URI and title. */
  readonly code?: string
  /** Extension members: a Standard Schema, or {@link members} for their TypeScript type alone. */
  readonly members?: MemberSchema<Members>
}

/** Types of problems by their URI. */
export type ProblemTypeDefinitions = Readonly<Record<string, ProblemTypeDefinition>>

type MembersOf<Definition> = Definition extends { readonly members: MemberSchema<infer Members> } ? Members : object

/** A problem of a type that the registry does not know, or that lacks the members which its type promises. */
export interface OtherProblem extends Problem {
  /** What an unknown type comes down to: the problem is known by its status alone (RFC 9457 section 4.2.1). */
  readonly type: 'about:blank'
  /** The type that it said. */
  readonly unknownType?: string
}

/** A problem of one of the types of a registry; tell them apart by `type`. */
export type KnownProblem<Definitions extends ProblemTypeDefinitions> = {
  [Type in keyof Definitions & string]: Problem & { readonly type: Type } & Readonly<MembersOf<Definitions[Type]>>
}[keyof Definitions & string]

/** What a server asks of a registry. */
export interface ProblemTypeRegistry {
  /** The definitions, by type URI. */
  readonly definitions: ProblemTypeDefinitions
  /** The type URI for the code of an error. */
  typeOf(code: string): string | undefined
}

/** What {@link problemTypes} makes. */
export interface ProblemTypes<Definitions extends ProblemTypeDefinitions> extends ProblemTypeRegistry {
  readonly definitions: Definitions
  /** Whether a problem is of a known type and has the members that the type promises. */
  knows(problem: Problem): problem is KnownProblem<Definitions>
}

/**
 * A registry of an application's problem types: the error handler takes their URIs and titles from it, and clients
 * narrow by `type`. Runs in browsers.
 *
 * @example
 * export const problems = problemTypes({
 *   'https://shop.example/problems/out-of-stock': {
 *     title: 'Out of stock',
 *     status: 409,
 *     code: 'ERR_SHOP_OUT_OF_STOCK',
 *     members: members<{ sku: string; left: number }>(),
 *   },
 * })
 *
 * @throws TypeError where two types share a code, a status is no error's, or a type is `about:blank`.
 */
export function problemTypes<const Definitions extends ProblemTypeDefinitions>(
  definitions: Definitions,
): ProblemTypes<Definitions> {
  const byCode = new Map<string, string>()
  for (const [type, { code, status, title }] of Object.entries(definitions)) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new TypeError(`problemTypes: \`${type}\`.status must be an HTTP status from 400 to 599, got ${status}`)
    }
    if (typeof title !== 'string' || title === '') {
      throw new TypeError(`problemTypes: \`${type}\`.title must be a string that is not empty`)
    }
    if (type === 'about:blank') throw new TypeError('problemTypes: `about:blank` cannot be given a meaning')
    if (code === undefined) continue
    if (byCode.has(code)) throw new TypeError(`problemTypes: two types have the code ${code}`)
    byCode.set(code, type)
  }
  return {
    definitions,
    typeOf: (code) => byCode.get(code),
    knows(problem): problem is KnownProblem<Definitions> {
      if (!Object.hasOwn(definitions, problem.type)) return false
      const schema = (definitions as ProblemTypeDefinitions)[problem.type]?.members
      if (schema === undefined) return true
      try {
        const result = schema['~standard'].validate(problem)
        // A schema that has to wait cannot be asked here: the members are taken on trust.
        return result instanceof Promise || !('issues' in result && result.issues !== undefined)
      } catch {
        return false
      }
    },
  }
}

/** Extension members by their TypeScript type alone: what the server sends is taken on trust. */
export function members<Members extends object>(): MemberSchema<Members> {
  return { '~standard': { version: 1, vendor: 'hardening', validate: (value) => ({ value: value as Members }) } }
}
