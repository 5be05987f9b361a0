import { HttpError } from '@hardening/core'
import type { ProblemIssue } from '../problem/problem.js'
import { withoutStack } from '../errors/stackless.js'
import { codeOfStatus } from './known-code.js'

/** What a mapping says of a foreign error. */
export interface Mapped {
  readonly status: number
  /** @defaultValue the code of the status */
  readonly code?: string
  /** What the client may read; nothing of the foreign error's own where it may hold input or secrets. */
  readonly detail?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly errors?: readonly ProblemIssue[]
}

/** Recognises one family of foreign errors; `undefined` where it is none of them. Never throws. */
export type ForeignMapping = (error: object) => Mapped | undefined

/** The HTTP error that stands for a foreign one, which becomes its cause. Its stack is the foreign error's. */
export function mappedError(mapped: Mapped, cause: unknown): HttpError {
  return withoutStack(makeError, mapped, cause)
}

function makeError({ status, code = codeOfStatus(status), detail = '', headers = {}, errors }: Mapped, cause: unknown) {
  return new HttpError(status, detail, {
    cause,
    code,
    headers,
    ...(errors !== undefined && { extensions: { errors } }),
  })
}
