import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Next, StepMiddleware } from '@hardening/core'
import type { RequestPart } from './issues.js'
import type { SchemaOutput, StandardSchema } from './standard-schema.js'

/** A schema for each part of the request that is to be validated. */
export type RequestSchemas = { readonly [Part in RequestPart]?: StandardSchema<unknown, unknown> }

/** What the schemas make of a request: the type of each part that has a schema. */
export type Valid<Schemas extends RequestSchemas> = {
  readonly [Part in keyof Schemas & RequestPart as Schemas[Part] extends StandardSchema ? Part : never]: SchemaOutput<
    NonNullable<Schemas[Part]>
  >
}

/** The parts that are replaced on the request itself. Headers stay as they were sent. */
type Replaced<Schemas extends RequestSchemas> = {
  -readonly [Part in keyof Valid<Schemas> & ('body' | 'query' | 'params')]: Valid<Schemas>[Part]
}

/**
 * Middleware whose parameter tells Express's types what it leaves on the request: handlers behind it on the same route
 * see `req.body`, `req.query` and `req.params` typed.
 */
export type ValidateMiddleware<
  Schemas extends RequestSchemas,
  Mode extends 'replace' | 'check' = 'replace',
> = StepMiddleware &
  ((
    req: IncomingMessage & (Mode extends 'replace' ? Replaced<Schemas> : unknown),
    res: ServerResponse,
    next: Next,
  ) => void) & {
    /**
     * `req.valid`, typed: what the schemas made of the request.
     *
     * @throws TypeError where the middleware has not run for this request.
     */
    valid(req: IncomingMessage): Valid<Schemas>
    /** The schemas it was made of, for instance to write an OpenAPI document from them. */
    readonly schemas: Schemas
  }
