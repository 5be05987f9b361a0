import { execFile } from 'node:child_process'
import { findBinary } from '@hardening/test-utils'

const promtool = findBinary('promtool', 'TEST_PROMTOOL')

interface TestFunction {
  (title: string, run: () => unknown, timeout?: number): void
  skip(title: string, run: () => unknown): void
}

/** A test with Prometheus' own checker: skipped, and counted so, where there is none; a failure where `CI` is `true`. */
export function itWithPromtool(title: string, run: () => Promise<void>): void {
  const { it } = globalThis as unknown as { it: TestFunction }
  if (promtool !== undefined || process.env['CI'] === 'true') it(title, run, 60_000)
  else it.skip(title, run)
}

/** What promtool says, and whether it is content. */
export function runPromtool(folder: string, args: string[], input = ''): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    if (promtool === undefined) {
      reject(new Error('promtool is missing: install prometheus, or set TEST_PROMTOOL to its path'))
      return
    }
    const child = execFile(promtool, args, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr })
    })
    child.stdin?.end(input)
  })
}
