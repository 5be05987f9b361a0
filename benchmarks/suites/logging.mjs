// What a line a request costs: ours against express-winston, winston by hand and pino-http; and what redaction costs.
// node benchmarks/suites/logging.mjs [cycles]
import { createRedactor } from '@hardening/core'
import { request } from '../contenders/shared.mjs'
import { added, printAdded } from '../harness/added.mjs'
import { compare } from '../harness/compare.mjs'
import { quantile } from '../harness/statistics.mjs'

const cycles = Number(process.argv[2] ?? 40)
const names = ['nothing', 'context', 'context, accessLog', 'accessLog', 'winston', 'express-winston', 'pino-http']
const contenders = names.map((way) => [way, { script: 'observed', env: { BENCH_OBSERVE: way }, request: request() }])
const results = await compare(Object.fromEntries(contenders), { cycles })
printAdded(
  'CPU a request that the access log adds to bare Express',
  added(results, 'nothing', { 'context, accessLog': 'context' }),
  ['accessLog', 'context, accessLog'].flatMap((name) => [
    [name, 'express-winston', 1 / 3],
    [name, 'winston', 1 / 3],
    [name, 'pino-http', 1],
  ]),
)

const { redact } = createRedactor()
const record = () => ({
  ...Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`field${at}`, at % 2 === 0 ? at : `a plain value ${at}`]),
  ),
  user: 'ada',
  email: 'ada@example.com',
  password: 'hunter2',
  authorization: 'Bearer abc.def.ghi',
  url: 'https://example.com/reset?token=abcdef&next=/home',
  card: '4111 1111 1111 1111',
  when: '2026-01-01T00:00:00.000Z',
  accepted: true,
  nothing: null,
  ratio: 0.25,
})
// Few at a time, as they come in a service: records that wait by the thousand are work for the collector, not for us.
const calls = 100
const times = []
for (let round = 0; round < 3_000; round++) {
  const records = Array.from({ length: calls }, record)
  const start = process.cpuUsage()
  for (const each of records) redact(each)
  const { user, system } = process.cpuUsage(start)
  times.push((user + system) / calls)
}
const micros = quantile(times.slice(500), 0.5)
console.log(`Redaction of an object of 30 keys: ${micros.toFixed(1)} µs, below 10: ${micros < 10 ? 'met' : 'missed'}`)
