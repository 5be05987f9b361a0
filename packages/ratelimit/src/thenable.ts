/** Whether somebody's function has given a promise where a value is needed at once. */
export function isThenable(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
