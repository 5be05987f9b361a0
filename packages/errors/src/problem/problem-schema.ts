import { problemMediaType } from './problem.js'

/** A JSON Schema, draft 2020-12, as OpenAPI 3.1 takes it. */
export interface ProblemSchema {
  readonly $id?: string
  readonly [keyword: string]: unknown
}

/**
 * JSON Schema (draft 2020-12) of every body that the error handler sends, to be put into an OpenAPI 3.1 document as the
 * component `Problem`. Runs in browsers.
 *
 * @example
 * const document = { openapi: '3.1.0', components: { schemas: { Problem: problemSchema } } }
 */
export const problemSchema: ProblemSchema = {
  type: 'object',
  title: 'Problem',
  description: 'What went wrong with a request (RFC 9457).',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'URI of the problem type.', default: 'about:blank' },
    title: { type: 'string', minLength: 1, description: 'Short summary of the problem type.' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The HTTP status of the response.' },
    detail: { type: 'string', description: 'What went wrong this time.' },
    instance: { type: 'string', format: 'uri-reference', description: 'The path of the request.' },
    code: { type: 'string', minLength: 1, maxLength: 64, description: 'Stable name of the failure, for programs.' },
    requestId: { type: 'string', minLength: 1, description: 'Id of the request, as in X-Request-Id.' },
    traceId: { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'Id of the W3C trace.' },
    errors: {
      type: 'array',
      description: 'All that is wrong with the request.',
      items: {
        type: 'object',
        required: ['detail'],
        properties: {
          detail: { type: 'string', description: 'What is wrong.' },
          pointer: {
            type: 'string',
            pattern: '^#(/|$)',
            description: 'Where: a JSON Pointer in URI fragment form (RFC 6901 section 6).',
          },
          in: { type: 'string', description: 'Part of the request that the pointer points into; the body by default.' },
          code: { type: 'string', description: 'Stable name of what is wrong.' },
        },
      },
    },
  },
}

/**
 * An OpenAPI 3.1 response object for a problem.
 *
 * @param schema - the schema, or a reference to it. @defaultValue `#/components/schemas/Problem`
 */
export function problemResponse(
  description: string,
  schema: ProblemSchema = { $ref: '#/components/schemas/Problem' },
): { description: string; content: Record<string, { schema: ProblemSchema }> } {
  return { description, content: { [problemMediaType]: { schema } } }
}
