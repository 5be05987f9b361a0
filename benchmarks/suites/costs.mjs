// What each package adds to a request of bare Express, in µs of CPU: by server, by size of the answer, by number of keys.
import { request } from '../contenders/shared.mjs'
import { added } from '../harness/added.mjs'
import { compare } from '../harness/compare.mjs'
import { median } from '../harness/statistics.mjs'

/** Bare Express in another process: what it "adds" is how far a reading may be off. */
const again = 'bare Express once more'
const parts = [
  again,
  'context',
  'secureHeaders',
  'corsPolicy',
  'requestLimits',
  'rateLimit',
  'detectThreats',
  'compress',
  'accessLog',
  'httpMetrics',
  'everything',
]
const sizes = [200, 2000, 20_000]

/** Without a coding in the request nothing is compressed but where that is what is measured. */
const ask = (size, part) => {
  const text = request(`/${size}`)
  return part === 'compress' ? text : text.replace(/Accept-Encoding: [^\r]+\r\n/, '')
}

/** Rows of part, then the µs that it adds on each server for each size; `base`: the µs that bare Express takes. */
export async function costs({ node, warmupMs = 500, ...pace }) {
  const table = {}
  const base = {}
  for (const server of ['own', 'kit']) {
    const contenders = {}
    const beside = {}
    for (const size of sizes) {
      for (const part of ['nothing', ...parts]) {
        // Contenders that differ in their environment have processes of their own.
        const env = { BENCH_PART: part === again ? 'nothing' : part, BENCH_SERVER: server, BENCH_PROCESS: part }
        contenders[`${part} ${size}`] = { script: 'one-part', env, request: ask(size, part) }
        beside[`${part} ${size}`] = `nothing ${size}`
      }
    }
    const results = await compare(contenders, { node, warmupMs, connections: 16, ...pace })
    const more = added(results, `nothing ${sizes[0]}`, beside)
    for (const size of sizes) {
      base[`${server} ${size}`] = median(results[`nothing ${size}`].slices.map(({ cpu }) => cpu))
      for (const part of parts) (table[part] ??= {})[`${server} ${size}`] = more[`${part} ${size}`].median
    }
  }
  return { parts, sizes, table, base }
}

/** What the limiter adds with so many keys known and asked for at random. */
export async function costByKeys({ node, counts = [10, 10_000, 1_000_000], warmupMs = 1500, ...pace }) {
  const env = (part, more = {}) => ({ BENCH_PART: part, BENCH_SERVER: 'kit', ...more })
  const contenders = { nothing: { script: 'one-part', env: env('nothing'), request: ask(200) } }
  for (const keys of counts)
    contenders[keys] = { script: 'one-part', env: env('rateLimit', { BENCH_KEYS: keys }), request: ask(200) }
  const more = added(await compare(contenders, { node, warmupMs, ...pace }), 'nothing')
  return counts.map((keys) => [keys, more[keys]])
}
