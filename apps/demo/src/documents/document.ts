import { z } from 'zod'

/** A document as the API gives it. Its HTML has been sanitised before it was stored. */
export interface Document {
  readonly id: number
  readonly projectId: number
  readonly title: string
  readonly html: string
  readonly contentHash: string
  readonly createdAt: string
  readonly updatedAt: string
}

export const newDocument = z.strictObject({
  title: z.string().trim().min(1).max(300),
  html: z.string().max(500_000),
})

/** Whether a new document is processed behind the request. */
export const inBackground = z.object({ background: z.enum(['true', 'false']).default('false').transform(isTrue) })

function isTrue(text: string): boolean {
  return text === 'true'
}

export const documentChange = newDocument
  .partial()
  .refine((change) => Object.keys(change).length > 0, { message: 'must change something' })

const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER)

/** The ids in `/projects/7/documents/9`. */
export const documentPath = z.object({ project: id, document: id })
