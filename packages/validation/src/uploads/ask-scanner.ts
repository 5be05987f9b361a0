import type { Clock } from '@hardening/core'
import { unlessAborted } from '../unless-aborted.js'
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
  try {
    const ended = AbortSignal.any([signal, late.signal])
    const { clean }: { clean: unknown } = await unlessAborted(ended, async () => scanner(file, ended))
    return clean === true
  } finally {
    clock.clearTimeout(timer)
  }
}
