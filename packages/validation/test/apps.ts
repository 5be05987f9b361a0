import express5 from 'express'
import type { Express, ErrorRequestHandler } from 'express'
import type { HttpError } from '@hardening/core'

// The alias has no types of its own; what the tests use is the same in both.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const express4 = require('express4') as typeof express5

export { express5 }

/** Both versions that the package supports, for `describe.each`. */
export const versions: readonly (readonly [name: string, express: typeof express5])[] = [
  ['Express 4', express4],
  ['Express 5', express5],
]

/** Answers as the error handler of the toolkit does, so far as these tests look at it. */
const problem: ErrorRequestHandler = (error: HttpError, _req, res, next) => {
  if (res.headersSent) return next(error)
  res.status(error.status ?? 500).json({ code: error.code, detail: error.message, ...error.extensions })
}

/** An app of either version with what `build` mounts, and the error handler behind it. */
export function appOf(express: typeof express5, build: (app: Express) => void): Express {
  const app = express()
  build(app)
  app.use(problem)
  return app
}
