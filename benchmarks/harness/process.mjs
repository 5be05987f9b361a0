// Starts a contender in a process of its own and waits until it says where it listens.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Servers run on the first core and everything else on the others, so that the two do not take turns. */
const cores = availableParallelism()
const pinned = cores > 1 && process.platform === 'linux'
if (pinned && process.send === undefined) {
  execFileSync('taskset', ['-a', '-c', '-p', `1-${cores - 1}`, `${process.pid}`], { stdio: 'ignore' })
}

/** What a contender is told by BENCH_... is for it alone. */
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BENCH_')))

export async function startContender(script, { node = process.execPath, env = {} } = {}) {
  const [command, ...args] = pinned ? ['taskset', '-c', '0', node, script] : [node, script]
  const child = spawn(command, args, {
    env: { ...inherited, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const port = await Promise.race([
    once(child, 'message').then(([message]) => message.port),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${script} ended with ${code} before it listened`)
    }),
  ])
  child.stdout.resume()
  return {
    port,
    pid: child.pid,
    residentBytes: () => residentBytes(child.pid),
    cpuNanoseconds: () => cpuNanoseconds(child.pid),
    async stop() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/**
 * Says to the harness where this contender listens: as `app.listen(port)` does, on all addresses, so that a client of IPv4
 * has the address `::ffff:127.0.0.1`. BENCH_HOST: on that one alone.
 */
export function listenForHarness(server) {
  // Between two slices the others have their turn: no connection may be given up meanwhile.
  server.keepAliveTimeout = 600_000
  server.listen({ port: 0, host: process.env.BENCH_HOST }, () => process.send({ port: server.address().port }))
  process.on('disconnect', () => process.exit())
}

function residentBytes(pid) {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return match === null ? 0 : Number(match[1]) * 1024
}

/** Time on a core that all threads of the process have had. */
function cpuNanoseconds(pid) {
  let sum = 0
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // A thread that has ended meanwhile.
    }
  }
  return sum
}
