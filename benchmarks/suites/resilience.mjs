// What a call costs that goes well, and one that an open breaker refuses: protect beside cockatiel's wrap of the same
// policies, and opossum, which has a breaker and a time-out alone.
// node benchmarks/suites/resilience.mjs [milliseconds of a slice]
import { protect } from '@hardening/resilience'
import * as cockatiel from 'cockatiel'
import CircuitBreaker from 'opossum'
import { median } from '../harness/statistics.mjs'

const sliceMs = Number(process.argv[2] ?? 100)
const rounds = 15
const answer = { ok: true }
const service = async () => answer
const down = async () => {
  throw new Error('down')
}

const limits = { limit: 50, queue: 0 }
function wrapped() {
  const { handleAll, ExponentialBackoff, SamplingBreaker, TimeoutStrategy } = cockatiel
  return cockatiel.wrap(
    cockatiel.timeout(30_000, TimeoutStrategy.Aggressive),
    cockatiel.retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }),
    cockatiel.circuitBreaker(handleAll, {
      halfOpenAfter: 5000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 30_000, minimumRps: 1 }),
    }),
    cockatiel.bulkhead(limits.limit, limits.queue),
    cockatiel.timeout(10_000, TimeoutStrategy.Aggressive),
  )
}
function rejecting(breaker) {
  return async () => {
    try {
      await breaker()
    } catch {
      // Refused, as it should be.
    }
  }
}

const ours = protect('bench', { bulkhead: limits })
const theirs = wrapped()
const opossum = new CircuitBreaker(service, { timeout: 10_000, capacity: limits.limit, rollingCountTimeout: 30_000 })
const tripped = protect('bench-tripped', { breaker: { openFor: '1h' } })
tripped.breaker.trip()
const theirBreaker = cockatiel.circuitBreaker(cockatiel.handleAll, {
  halfOpenAfter: 3_600_000,
  breaker: new cockatiel.ConsecutiveBreaker(1),
})
await theirBreaker.execute(down).catch(() => undefined)
const opossumOpen = new CircuitBreaker(service, { timeout: 10_000 })
opossumOpen.open()

const contenders = {
  'nothing (the function alone)': () => service(),
  'protect, success': () => ours.execute(service),
  'protect, success, the signal used': () => ours.execute(({ signal }) => (signal.aborted ? undefined : service())),
  'cockatiel wrap, success': () => theirs.execute(service),
  'opossum, success': () => opossum.fire(),
  'protect, refused': rejecting(() => tripped.execute(service)),
  'cockatiel breaker alone, refused': rejecting(() => theirBreaker.execute(service)),
  'opossum, refused': rejecting(() => opossumOpen.fire()),
}

const found = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
for (let round = 0; round < rounds; round++) {
  const entries = Object.entries(contenders)
  for (const [name, run] of round % 2 === 0 ? entries : entries.toReversed()) {
    const start = process.cpuUsage()
    const end = performance.now() + sliceMs
    let calls = 0
    while (performance.now() < end) {
      for (let at = 0; at < 100; at++) await run()
      calls += 100
    }
    const { user, system } = process.cpuUsage(start)
    found[name].push((user + system) / calls)
  }
}
const settled = Object.fromEntries(Object.entries(found).map(([name, values]) => [name, values.slice(3)]))
for (const [name, values] of Object.entries(settled))
  console.log(`${name}: ${median(values).toFixed(2)} µs of CPU a call`)

const ratio = (name, other) => median(settled[name].map((value, at) => value / settled[other][at]))
const goals = [
  ['protect / cockatiel wrap, success', ratio('protect, success', 'cockatiel wrap, success'), 1],
  ['protect / opossum, success', ratio('protect, success', 'opossum, success'), 1],
  ['protect, refused, in µs', median(settled['protect, refused']), 10],
]
console.log()
for (const [title, value, limit] of goals) {
  console.log(`${title}: ${value.toFixed(2)} (at most ${limit}) ${value <= limit ? 'met' : 'missed'}`)
}
opossum.shutdown()
opossumOpen.shutdown()
ours.close()
tripped.close()
