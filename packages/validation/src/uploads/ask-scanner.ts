import type { Clock } from '@hardening/core'
import type { FileScanner, ScannedFile } from './scanner.js'

/** How a scanner is asked. */
export interface Asking {
  readonly clock: Clock
  /** Milliseconds after which it is given up. */
  readonly timeoutMs: number
  /** Fires where nobody waits any more. */
  readonly signal: AbortSignal
}

/**
 * Whether a scanner calls a file clean. Given up when its time is over or its signal fires, whether or not it listens to that: a
 * scanner that hangs must not keep a request and its files.
 */
export async function isClean(
  scanner: FileScanner,
  file: ScannedFile,
  { clock, timeoutMs, signal }: Asking,
): Promise<boolean> {
  const late = new AbortController()
  const timer = clock.setTimeout(() => late.abort(new Error('The scanner took too long')), timeoutMs)
  const ended = AbortSignal.any([signal, late.signal])
  let onEnd = (): void => undefined
  const given = new Promise<never>((_resolve, reject) => {
    onEnd = () => reject(ended.reason as Error)
    ended.addEventListener('abort', onEnd, { once: true })
  })
  try {
    ended.throwIfAborted()
    const { clean }: { clean: unknown } = await Promise.race([scanner(file, ended), given])
    return clean === true
  } finally {
    clock.clearTimeout(timer)
    ended.removeEventListener('abort', onEnd)
  }
}
