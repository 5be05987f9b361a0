import { describe, expect, it } from '@jest/globals'
import { type } from 'arktype'
import type { RequestHandler } from 'express'
import * as v from 'valibot'
import { z } from 'zod'
import { validate, type SchemaInput, type SchemaOutput, type StandardSchema, type Valid } from '../../src/index.js'
import { express5 } from '../apps.js'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Fails to compile, which `tsc` over the tests reports, unless the types are the same. */
const same = <A, B>(_proof: Equal<A, B>): void => undefined

const hand: StandardSchema<string, number> = {
  '~standard': { version: 1, vendor: 'x', validate: (value) => ({ value: Number(value) }) },
}
const zod = z.object({ n: z.coerce.number(), s: z.string().optional() })
const valibot = v.object({ n: v.number() })
const arktype = type({ n: 'number' })

describe('types', () => {
  it('[VA-1] C8 infers what Zod, Valibot, ArkType and a hand-written schema give back', () => {
    same<SchemaOutput<typeof zod>, { n: number; s?: string | undefined }>(true)
    same<SchemaOutput<typeof valibot>, { n: number }>(true)
    same<SchemaOutput<typeof arktype>, { n: number }>(true)
    same<SchemaOutput<typeof hand>, number>(true)
    same<SchemaInput<typeof hand>, string>(true)
    same<
      Valid<{ body: typeof valibot; query: typeof arktype }>,
      { readonly body: { n: number }; readonly query: { n: number } }
    >(true)
    expect(true).toBe(true)
  })

  it('[VA-1] C8 types req.body, req.query and req.params of the handlers behind it', () => {
    const app = express5()
    app.post('/:id', validate({ body: zod, query: valibot, params: z.object({ id: z.number() }) }), (req, _res) => {
      same<typeof req.body, { n: number; s?: string | undefined }>(true)
      same<typeof req.query, { n: number }>(true)
      same<typeof req.params, { id: number }>(true)
      // @ts-expect-error there is no such member
      void req.body.missing
    })
    app.post('/:id', validate({ body: arktype }), (req) => {
      same<typeof req.body, { n: number }>(true)
      same<typeof req.params.id, string>(true)
    })
    express5.Router().get('/', validate({ query: arktype }), (req) => same<typeof req.query, { n: number }>(true))
    app.use(validate({ headers: z.object({}) }))
    expect(app).toBeDefined()
  })

  it('[VA-1] C8 leaves the types of the request alone in mode check, and types valid()', () => {
    const check = validate({ query: zod, headers: arktype }, { mode: 'check' })
    const handler: RequestHandler = (req) => {
      same<ReturnType<typeof check.valid>['headers'], { n: number }>(true)
      same<ReturnType<typeof check.valid>['query'], { n: number; s?: string | undefined }>(true)
      // @ts-expect-error only what has a schema is there
      void check.valid(req).body
    }
    express5().get('/', check, handler)
    same<typeof check.schemas.query, typeof zod>(true)
    expect(check.schemas.query).toBe(zod)
  })

  it('[VA-1] refuses wrong schemas and options when compiling', () => {
    // @ts-expect-error no schema
    expect(() => validate({ body: 5 })).toThrow()
    // @ts-expect-error no such part
    expect(() => validate({ trailers: zod })).toThrow()
    // @ts-expect-error no such mode
    expect(() => validate({ body: zod }, { mode: 'rewrite' })).toThrow()
  })
})
