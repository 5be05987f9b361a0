import { renameSync, rmSync } from 'node:fs'
import { integerOption, parseSize, rejectUnknownOptions, ConfigError, type Size } from '@hardening/core'

/** When a file of lines is put aside. */
export interface RotationOptions {
  /** Size at which the file becomes `<file>.1`. @defaultValue `'10mb'` */
  maxSize?: Size
  /** How many files that were put aside are kept: `<file>.1` is the newest. @defaultValue 10 */
  keep?: number
}

/** {@link RotationOptions} with nothing left open. */
export interface Rotation {
  readonly maxBytes: number
  readonly keep: number
}

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveRotation(options: RotationOptions = {}): Rotation {
  rejectUnknownOptions('createLogger', options, ['maxSize', 'keep'], 'rotation')
  const { maxSize = '10mb', keep = 10 } = options
  const maxBytes = parseSize(maxSize)
  if (maxBytes === undefined || maxBytes < 1) {
    throw new ConfigError('createLogger', 'rotation.maxSize', "a size such as '10mb' or bytes", maxSize)
  }
  return { maxBytes, keep: integerOption('createLogger', 'rotation.keep', keep, { max: 1_000 }) }
}

/** Moves `file` to `file.1`, `file.1` to `file.2` and so on; the oldest goes. Renames alone, which lose no line. */
export function rotate(file: string, keep: number): void {
  if (keep === 0) {
    rmSync(file, { force: true })
    return
  }
  for (let at = keep - 1; at >= 0; at--) {
    try {
      renameSync(at === 0 ? file : `${file}.${at}`, `${file}.${at + 1}`)
    } catch (error) {
      // There are not that many yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
