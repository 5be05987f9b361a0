import { z } from 'zod'

/** A project as the API gives it. */
export interface Project {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly documents: number
  readonly createdAt: string
  readonly updatedAt: string
}

export const newProject = z.strictObject({
  name: z.string().trim().min(1).max(200),
  description: z.string().max(2000).default(''),
})

export const projectChange = newProject
  .partial()
  .refine((change) => Object.keys(change).length > 0, { message: 'must change something' })

/** An id in a path: `/projects/7`. */
export const projectId = z.object({ project: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER) })
