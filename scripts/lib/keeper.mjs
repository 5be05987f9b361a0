// Outlives the script that started it by a moment: when that one ends, however it ends, what it left goes.
// Reads lines from stdin (`+group 12`, `-group 12`, `+folder /tmp/x`, `-folder /tmp/x`) until the end of the input.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const marker = process.argv[2]
const kept = new Set()

/** Processes that bear the mark in their environment: those that left their group, as browsers do. Linux only. */
function marked() {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return false
    try {
      return readFileSync(`/proc/${id}/environ`, 'latin1').includes(marker)
    } catch {
      return false
    }
  })
}

function kill(id) {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

function finish() {
  const named = (kind) => [...kept].filter((line) => line.startsWith(kind)).map((line) => line.slice(kind.length))
  for (const group of named('group ')) kill(-Number(group))
  if (process.platform === 'linux') marked().forEach((id) => kill(Number(id)))
  for (const folder of named('folder ')) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
createInterface({ input: process.stdin })
  .on('line', (line) => (line.startsWith('+') ? kept.add(line.slice(1)) : kept.delete(line.slice(1))))
  .on('close', finish)
