// Drives several servers in turn, in slices short enough that whatever else the machine does falls on all alike.
import { setTimeout } from 'node:timers/promises'
import { Load } from './load.mjs'
import { startContender } from './process.mjs'
import { median, quantile } from './statistics.mjs'

/** What one leaves to be done behind its slice, lines to write and memory to free, must not fall on the next: it is its own. */
const restMs = 50

/**
 * @param {Record<string, { script: string, env?: object, request: string, status?: number, bytes?: number }>} contenders
 * @param {{ node?: string, cycles?: number, sliceMs?: number, warmupMs?: number, connections?: number, rounds?: number }} options
 * Contenders of the same script and environment share a process. `rounds`: how often all processes are begun anew, for no
 * two are optimised alike (Kalibera and Jones, "Rigorous Benchmarking in Reasonable Time", ISMM 2013); `cycles` of all.
 *
 * @returns for each contender its slices in order: requests a second, microseconds of CPU a request, latencies
 */
export async function compare(contenders, { cycles = 40, rounds = 1, ...options } = {}) {
  const all = []
  for (let round = 0; round < rounds; round++) {
    all.push(await compareOnce(contenders, { cycles: Math.ceil(cycles / rounds), ...options }))
  }
  return Object.fromEntries(
    Object.keys(contenders).map((name) => [
      name,
      {
        slices: all.flatMap((results) => results[name].slices),
        residentBytes: median(all.map((results) => results[name].residentBytes)),
      },
    ]),
  )
}

async function compareOnce(contenders, { node, cycles, sliceMs = 100, warmupMs = 5000, connections = 32 }) {
  const running = []
  const servers = new Map()
  try {
    for (const [name, { script, env, ...load }] of Object.entries(contenders)) {
      const file = new URL(`../contenders/${script}.mjs`, import.meta.url).pathname
      const same = JSON.stringify([script, env])
      if (!servers.has(same)) servers.set(same, await startContender(file, { node, env }))
      const server = servers.get(same)
      running.push({ name, server, load: await Load.open(server.port, { connections, ...load }), slices: [] })
    }
    for (const { load } of running) await load.run(warmupMs)
    for (let cycle = 0; cycle < cycles; cycle++) {
      for (const contender of cycle % 2 === 0 ? running : running.toReversed()) {
        const before = contender.server.cpuNanoseconds()
        const { done, wrong, seconds, latencies } = await contender.load.run(sliceMs)
        if (wrong > 0) throw new Error(`${contender.name}: ${wrong} answers of another status or length`)
        await setTimeout(restMs)
        const cpu = (contender.server.cpuNanoseconds() - before) / 1000 / Math.max(1, done)
        contender.slices.push({ rate: done / seconds, cpu, latencies })
      }
    }
    return Object.fromEntries(
      running.map(({ name, server, slices }) => [name, { slices, residentBytes: server.residentBytes() }]),
    )
  } finally {
    for (const { load } of running) load.close()
    for (const server of servers.values()) await server.stop()
  }
}

/**
 * Slice by slice, how many times the requests a second of `other` a contender answers. `cpu` is the same by CPU a request,
 * which is the server's alone: it does not move with what the client and the rest of the machine do.
 */
export function ratio(results, name, other) {
  const pairs = results[name].slices.map((slice, at) => [slice, results[other].slices[at]])
  const ratios = pairs.map(([slice, base]) => slice.rate / base.rate)
  const byCpu = pairs.map(([slice, base]) => base.cpu / slice.cpu)
  return { median: median(ratios), low: quantile(ratios, 0.1), high: quantile(ratios, 0.9), cpu: median(byCpu) }
}

/** What one contender did, in numbers of its own. */
export function figures({ slices, residentBytes }) {
  const latencies = slices.flatMap((slice) => slice.latencies)
  return {
    rate: median(slices.map(({ rate }) => rate)),
    cpu: quantile(
      slices.map(({ cpu }) => cpu),
      0.1,
    ),
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
    residentBytes,
  }
}
