/**
 * Calls `make` without recording a stack: for refusals that are no fault of the code, of which a flood of requests makes
 * many. Where the stack limit cannot be set (`--frozen-intrinsics`) the stack is recorded as ever.
 */
export function withoutStack<Arguments extends unknown[], Made>(
  make: (...args: Arguments) => Made,
  ...args: Arguments
): Made {
  const limit = Error.stackTraceLimit
  if (!Reflect.set(Error, 'stackTraceLimit', 0)) return make(...args)
  try {
    return make(...args)
  } finally {
    Error.stackTraceLimit = limit
  }
}
