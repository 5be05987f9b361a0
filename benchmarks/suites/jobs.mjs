// The embedded queue: jobs a second from enqueue to the end, and what 100,000 waiting jobs take of memory.
// node --expose-gc benchmarks/suites/jobs.mjs [jobs of a round]
import { createJobs } from '@hardening/jobs'
import { median } from '../harness/statistics.mjs'

const count = Number(process.argv[2] ?? 50_000)
const rounds = 9
const collect = () => globalThis.gc?.()

async function throughput() {
  const jobs = createJobs()
  let ended = 0
  let finish
  const done = new Promise((resolve) => (finish = resolve))
  const queue = jobs.define('bench', { concurrency: 100 }, async () => {
    if (++ended === count) finish()
  })
  await jobs.start()
  collect()
  const start = performance.now()
  for (let at = 0; at < count; at += 1000) {
    const some = []
    for (let one = 0; one < 1000; one++) some.push(queue.enqueue({ to: 'someone@example.com', number: at + one }))
    await Promise.all(some)
  }
  await done
  const rate = count / ((performance.now() - start) / 1000)
  await jobs.close()
  return rate
}

async function memory() {
  const jobs = createJobs()
  const queue = jobs.define('waiting')
  collect()
  const before = process.memoryUsage()
  for (let at = 0; at < 100_000; at += 1000) {
    await queue.enqueueMany(Array.from({ length: 1000 }, (_, one) => ({ to: 'someone@example.com', number: at + one })))
  }
  collect()
  const after = process.memoryUsage()
  const mb = (bytes) => Math.round((bytes / 2 ** 20) * 10) / 10
  const { waiting } = await queue.counts()
  const found = { waiting, heapMb: mb(after.heapUsed - before.heapUsed), rssMb: mb(after.rss) }
  await jobs.close()
  return found
}

const held = await memory()
const rates = []
for (let round = 0; round < rounds; round++) rates.push(await throughput())
const rate = Math.round(median(rates.slice(2)))
console.log(
  `embedded: ${rate.toLocaleString('en')} jobs/s (median of ${rounds - 2} rounds of ${count.toLocaleString('en')})`,
)
console.log(
  `${held.waiting.toLocaleString('en')} waiting jobs: ${held.heapMb} MB of heap, ${held.rssMb} MB resident in all`,
)
if (rate < 50_000 || held.heapMb > 200 || held.waiting !== 100_000) process.exitCode = 1
