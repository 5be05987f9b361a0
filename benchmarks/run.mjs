// Runs every suite on every Node version that is asked for, prints the tables and writes RESULTS.md.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { whole } from './suites/whole.mjs'

const quick = process.argv.includes('--quick')
const nodes = (process.env.BENCH_NODES ?? process.execPath).split(',')
const lines = []
const print = (line = '') => {
  console.log(line)
  lines.push(line)
}

print('# Benchmarks')
print()
print(
  `${new Date().toISOString().slice(0, 10)} · ${cpus().length} × ${cpus()[0].model.trim()} · one command: \`npm run bench\``,
)
print()
print(
  'Servers and load generator are separate processes; all contenders take turns in short slices of one run. A ratio is',
)
print(
  'the median over the slices, with the 10th and 90th percentile: above 1 is faster. Limits are raised for all alike, so',
)
print('that nothing is refused, and only answers of status 200 and the right length count.')

for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  const major = Number(version.slice(1).split('.')[0])
  const result = await whole({ node, major, cycles: quick ? 10 : 40, sliceMs: quick ? 60 : 100 })
  print()
  print(`## Node ${version}`)
  print()
  print('| | requests/s | CPU µs a request | p50 ms | p95 ms | p99 ms | memory MB |')
  print('| --- | --- | --- | --- | --- | --- | --- |')
  for (const [name, { rate, cpu, p50, p95, p99, residentBytes }] of Object.entries(result.figures)) {
    const ms = [p50, p95, p99].map((value) => value.toFixed(1)).join(' | ')
    print(`| ${name} | ${Math.round(rate)} | ${cpu.toFixed(1)} | ${ms} | ${Math.round(residentBytes / 1048576)} |`)
  }
  print()
  print('| ratio | median | 10th to 90th | gate | aim | |')
  print('| --- | --- | --- | --- | --- | --- |')
  for (const { title, median, low, high, goal } of result.goals) {
    const [gate, aim] = goal ?? []
    const verdict = gate === undefined ? '' : median >= aim ? 'aim met' : median >= gate ? 'gate met' : 'missed'
    print(
      `| ${title} | ${median.toFixed(2)} | ${low.toFixed(2)} to ${high.toFixed(2)} | ${gate ?? ''} | ${aim ?? ''} | ${verdict} |`,
    )
  }
  print(
    `| resident memory, all on / bare Express | ${result.memory.toFixed(2)} | | at most 1.4 | 1.2 | ${result.memory <= 1.4 ? 'gate met' : 'missed'} |`,
  )
}
/** Suites of single packages: each prints its own lines, and says which goals are met. */
const parts = {
  'Rate limiting in memory': 'ratelimit-memory',
  'Rate limiting on Redis': 'ratelimit-redis',
  Cache: 'cache',
  'Access log and redaction': 'logging',
  Metrics: 'metrics',
  Detection: 'detection',
  Sanitising: 'sanitize',
  Resilience: 'resilience',
  Jobs: 'jobs',
}
if (!quick) {
  print()
  print(`## Single packages, Node ${process.version}`)
  for (const [title, suite] of Object.entries(parts)) {
    const file = new URL(`suites/${suite}.mjs`, import.meta.url).pathname
    const { stdout, status } = spawnSync(process.execPath, ['--expose-gc', file], {
      encoding: 'utf8',
      timeout: 300_000,
    })
    print()
    print(`### ${title}`)
    print()
    print('```text')
    print(stdout.trim() || `did not run to its end (${status})`)
    print('```')
  }
}
if (!quick) writeFileSync(new URL('RESULTS.md', import.meta.url), `${lines.join('\n')}\n`)
