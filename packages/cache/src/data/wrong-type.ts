/** A key of another type is somebody else's, and no value of ours: `undefined`; any other error is thrown on. */
export function wrongType(error: unknown): undefined {
  if (String((error as Error | undefined)?.message).startsWith('WRONGTYPE')) return undefined
  throw error
}
