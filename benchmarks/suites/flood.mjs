// One client far over its limit: what a refusal costs, against a bare node:http server that answers as usual.
import { request } from '../contenders/shared.mjs'
import { compare, figures, ratio } from '../harness/compare.mjs'

const over = { env: { BENCH_LIMIT: 1 }, request: request(), status: 429 }

export async function flood(pace) {
  const contenders = {
    'node:http, answering': { script: 'node-http', request: request() },
    'hardening, refusing': { script: 'hardening', ...over },
    'hand-wired, refusing': { script: 'hand-wired', ...over },
  }
  const results = await compare(contenders, pace)
  const [bare, ours, wired] = Object.keys(contenders)
  return {
    figures: Object.fromEntries(Object.entries(results).map(([name, result]) => [name, figures(result)])),
    goals: [
      { title: 'flood refused by the gate / bare node:http', ...ratio(results, ours, bare), goal: [0.85, 0.95] },
      { title: 'flood refused / hand-wired refusing', ...ratio(results, ours, wired) },
    ],
  }
}
