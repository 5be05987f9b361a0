import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** What {@link slowRegexes} has found. */
export interface SlowRegexes {
  /** Regular expressions that there are. */
  readonly count: number
  /** Packages and applications in which there are some. */
  readonly packages: readonly string[]
  /** A line for each that is not linear, or is put together where nobody looks at it. */
  readonly slow: readonly string[]
}

/** Asks whether every regular expression of the sources below a folder of the workspace takes linear time on any input. */
export function slowRegexes(folder = ''): Promise<SlowRegexes> {
  const root = join(__dirname, '../../..')
  const args = [join(root, 'scripts/regexes.mjs'), folder]
  return new Promise((resolve, reject) => {
    // With findings it exits with 1, and has said them.
    execFile(process.execPath, args, { cwd: root, maxBuffer: 16_777_216 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as SlowRegexes)
      } catch (cause) {
        reject(new Error(stderr || (error?.message ?? 'no answer'), { cause }))
      }
    })
  })
}
