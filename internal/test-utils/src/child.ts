import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A server that a test has started, and that cannot outlive it. */
export interface Child {
  readonly pid: number
  /** True until the process has ended. */
  readonly running: boolean
  /** Everything written to stdout and stderr so far, for messages. */
  output(): string
  /** Resolves when a line matches; rejects when the process ends first. */
  waitFor(pattern: RegExp): Promise<void>
  /** Sends a signal. */
  signal(name: NodeJS.Signals): void
  /** Resolves when the process has ended. */
  ended(): Promise<void>
}

/**
 * Starts a server as a child process. A second small process holds a pipe to this one and kills the server when the
 * pipe breaks: exit handlers do not run in Jest's sandbox, nor when a worker is killed.
 */
export function startChild(binary: string, args: readonly string[], folder: string): Child {
  const child = spawn(binary, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const watchdog = child.pid === undefined ? undefined : watch(child.pid, folder)
  let output = ''
  const collect = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  let failure: Error | undefined
  child.on('error', (error) => {
    failure = error
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      watchdog?.kill('SIGKILL')
      resolve()
    })
  })
  letGo(child)

  return {
    pid: child.pid ?? -1,
    get running() {
      return child.pid !== undefined && child.exitCode === null && child.signalCode === null
    },
    output: () => output,
    waitFor: async (pattern) => {
      while (!pattern.test(output)) {
        const how = await Promise.race([once(child.stdout, 'data').then(() => 'data'), ended.then(() => 'ended')])
        if (how === 'ended' && !pattern.test(output)) {
          throw new Error(`${binary} ended before it was ready:\n${output}`, { cause: failure })
        }
      }
    },
    signal: (name) => {
      child.kill(name)
    },
    ended: () => ended,
  }
}

function watch(pid: number, folder: string): ChildProcess {
  const script = 'read -r line; kill -9 "$1" 2>/dev/null; rm -rf "$2"'
  const watchdog = spawn('sh', ['-c', script, 'watchdog', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  watchdog.stdin?.on('error', () => undefined)
  letGo(watchdog)
  return watchdog
}

/** A forgotten `stop()` must not keep the test run from ending. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    ;(stream as unknown as { unref?: () => void } | null)?.unref?.()
  }
}
