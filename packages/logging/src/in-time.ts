/** Resolves when `run` has ended in whatever way, or after `ms`. */
export async function inTime(ms: number, run: () => unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await Promise.race([run(), late])
  } catch {
    // Whoever waits wants to go on.
  } finally {
    clearTimeout(timer)
  }
}
