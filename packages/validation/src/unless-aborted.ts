/** What a promise gives, unless a signal fires before: then its reason, whether or not anybody listens to the signal. */
export async function unlessAborted<T>(signal: AbortSignal, start: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let onAbort = (): void => undefined
  const given = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([start(), given])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
