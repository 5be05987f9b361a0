import { read, readList, readText } from '../foreign/safe-read.js'

/** An error as developers want to see it. Holds whatever its message and stack hold: never for the public. */
export interface ErrorInternals {
  readonly name: string
  readonly message: string
  readonly stack: readonly string[]
  readonly cause?: ErrorInternals
  readonly errors?: readonly ErrorInternals[]
}

const maxDepth = 5
const maxErrors = 10

/** Lays an error open, causes and all; bounded, so that cycles end. */
export function internalsOf(error: unknown, depth = 0): ErrorInternals {
  if (typeof error !== 'object' || error === null) {
    return { name: typeof error, message: printable(error), stack: [] }
  }
  const cause = read(error, 'cause')
  const errors = readList(error, 'errors', maxErrors)
  return {
    name: readText(error, 'name') || 'Error',
    message: readText(error, 'message'),
    stack: readText(error, 'stack')
      .split('\n')
      .slice(1)
      .map((line) => line.trim()),
    ...(cause !== undefined && depth < maxDepth && { cause: internalsOf(cause, depth + 1) }),
    ...(errors.length > 0 && depth < maxDepth && { errors: errors.map((at) => internalsOf(at, depth + 1)) }),
  }
}

function printable(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}
