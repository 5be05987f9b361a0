// Runs every suite on every Node version that is asked for, prints the tables and writes RESULTS.md.
// --quick: less of everything, and no file. --runs 3: the goals three times, and whether the runs agree. BENCH_NODES: paths
// of several Nodes, with commas.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { Report } from './harness/report.mjs'
import { compression } from './suites/compression.mjs'
import { costByKeys, costs } from './suites/costs.mjs'
import { flood } from './suites/flood.mjs'
import { whole } from './suites/whole.mjs'

const quick = process.argv.includes('--quick')
const runs = process.argv.includes('--runs') ? Number(process.argv[process.argv.indexOf('--runs') + 1]) : 1
const nodes = (process.env.BENCH_NODES ?? process.execPath).split(',')
const report = new Report()
const pace = quick ? { cycles: 8, sliceMs: 60, warmupMs: 3000 } : { cycles: 40, sliceMs: 100, rounds: 2 }
const fewer = quick ? { cycles: 6, sliceMs: 60, warmupMs: 500 } : { cycles: 32, sliceMs: 80, rounds: 2 }

report.head()
for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
  const major = Number(version.slice(1).split('.')[0])
  report.print(`## Node ${version}`)
  report.print()
  const found = []
  for (let run = 0; run < runs; run++) found.push(await goalsOf(node, major))
  report.figures(found.at(-1).figures)
  report.goals(found.map(({ goals }) => goals))
  if (!quick) await printCosts(node)
}
if (!quick) {
  printParts()
  writeFileSync(new URL('RESULTS.md', import.meta.url), `${report.lines.join('\n').trim()}\n`)
}

/** Every row of the goals, once. */
async function goalsOf(node, major) {
  const all = await whole({ node, major, ...pace })
  const floods = await flood({ node, ...pace, warmupMs: quick ? 1000 : 2000 })
  const compressed = await compression({ node, ...fewer })
  const bytes = spawnSync(node, ['--expose-gc', fileOf('limiter-bytes')], { encoding: 'utf8', timeout: 120_000 })
  return {
    figures: { ...all.figures, ...floods.figures, ...compressed.figures },
    goals: [
      ...all.goals,
      ...floods.goals,
      {
        title: 'memory of the limiter, 2 windows, 1e6 keys, bytes a key',
        median: Number(bytes.stdout),
        goal: [64, 50],
        most: true,
      },
      ...compressed.goals,
      { title: 'resident memory, all on / bare Express', median: all.memory, goal: [1.4, 1.2], most: true },
    ],
  }
}

async function printCosts(node) {
  const { parts, sizes, table, base } = await costs({ node, cycles: 16, sliceMs: 100, rounds: 4 })
  report.print(
    'CPU that a package adds to a request of bare Express, in µs (median of paired slices), by server and by size of the',
  )
  report.print(
    'answer. Each package stands alone, as `app.use`, and so pays for the record of the request that all of them share; in',
  )
  report.print(
    'the last row they are one pass. The first of them adopts a plain server, which alone takes time away on Node 20 and',
  )
  report.print('22. Bare Express once more, in a process of its own, shows how far a figure may be off.')
  report.print()
  const columns = ['own', 'kit'].flatMap((server) => sizes.map((size) => [`${server} ${size}`, server, size]))
  const head = columns.map(
    ([, server, size]) => `${server === 'own' ? 'plain server' : "kit's server"}, ${size / 1000} KB`,
  )
  report.table(
    ['', ...head],
    [
      ['bare Express takes', ...columns.map(([column]) => base[column].toFixed(1))],
      ...parts.map((part) => [part, ...columns.map(([column]) => table[part][column].toFixed(1))]),
    ],
  )
  const byKeys = await costByKeys({ node, cycles: 32, sliceMs: 100, rounds: 4 })
  report.table(
    ['clients that the limiter knows', 'µs that it adds', '25th to 75th'],
    byKeys.map(([keys, { median, low, high }]) => [
      keys.toLocaleString('en'),
      median.toFixed(1),
      `${low.toFixed(1)} to ${high.toFixed(1)}`,
    ]),
  )
}

/** Suites of single packages: each prints its own lines, and says which goals are met. */
function printParts() {
  const parts = {
    'Rate limiting in memory': 'ratelimit-memory',
    'Rate limiting on Redis': 'ratelimit-redis',
    Cache: 'cache',
    'Access log and redaction': 'logging',
    Metrics: 'metrics',
    Detection: 'detection',
    Sanitising: 'sanitize',
    'Guards and uploads': 'security',
    Resilience: 'resilience',
    Jobs: 'jobs',
  }
  report.print(`## Single packages, Node ${process.version}`)
  for (const [title, suite] of Object.entries(parts)) {
    const { stdout, status } = spawnSync(process.execPath, ['--expose-gc', fileOf(suite)], {
      encoding: 'utf8',
      timeout: 300_000,
    })
    report.print()
    report.print(`### ${title}`)
    report.print()
    report.print('```text')
    report.print(stdout.trim() || `did not run to its end (${status})`)
    report.print('```')
  }
}

function fileOf(suite) {
  return new URL(`suites/${suite}.mjs`, import.meta.url).pathname
}
