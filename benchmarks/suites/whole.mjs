// The whole stack against bare Express, what people wire by hand, and Fastify with its plugins.
import { request } from '../contenders/shared.mjs'
import { compare, figures, ratio } from '../harness/compare.mjs'

const redisServers = { name: 'limits in Redis', env: { BENCH_REDIS_URL: process.env.BENCH_REDIS_URL } }
const ask = { request: request() }
const varied = { BENCH_VARIED: '1' }
const oneAddress = { BENCH_HOST: '127.0.0.1' }

/** Rows of the goals: what is divided by what, and the ratio to reach by major version of Node. */
const goals = [
  ['all on, memory, own server / bare Express', 'hardening', 'express', { 20: [2.5, 3.5], 24: [1, 1.25] }],
  ['all on, memory, own server / hand-wired', 'hardening', 'hand-wired', { 20: [7, 9], 24: [4.5, 6] }],
  ['all on, exact limits in Redis / bare Express', 'hardening, Redis', 'express', { 20: [2.3, 3], 24: [0.95, 1.1] }],
  [
    'all on, exact limits in Redis / hand-wired with Redis',
    'hardening, Redis',
    'hand-wired, Redis',
    { 20: [6.5, 8], 24: [4, 5] },
  ],
  [
    'plain app.use on an own server / bare Express',
    'hardening, plain',
    'express',
    { 20: [0.7, 0.85], 24: [0.75, 0.85] },
  ],
]

/** What the rows of the goals leave open: a listener that is not Express's usual one, and answers that never come again. */
const besides = [
  [
    'all on, memory, own server / hand-wired that listens on one IPv4 address alone',
    'hardening',
    'hand-wired, one address',
  ],
  ['all on, every answer another / bare Express, every answer another', 'hardening, varied', 'express, varied'],
]

/** Node 22 behaves as 20 does here, and 26 as 24. */
const goalsLike = { 22: 20, 26: 24 }

export async function whole({ node, major, ...pace }) {
  const contenders = {
    'node:http': { script: 'node-http', ...ask },
    express: { script: 'express', ...ask },
    'hand-wired': { script: 'hand-wired', ...ask },
    'hand-wired, one address': { script: 'hand-wired', env: oneAddress, ...ask },
    'hand-wired, pino': { script: 'hand-wired', env: { BENCH_LOGGER: 'pino' }, ...ask },
    fastify: { script: 'fastify', ...ask },
    hardening: { script: 'hardening', ...ask },
    'hardening, plain': { script: 'hardening', env: { BENCH_SERVER: 'own' }, ...ask },
    'express, varied': { script: 'express', env: varied, ...ask },
    'hardening, varied': { script: 'hardening', env: varied, ...ask },
    ...(redisServers.env.BENCH_REDIS_URL && {
      'hand-wired, Redis': { script: 'hand-wired', env: redisServers.env, ...ask },
      'hardening, Redis': { script: 'hardening', env: redisServers.env, ...ask },
    }),
  }
  const results = await compare(contenders, { node, ...pace })
  return {
    figures: Object.fromEntries(Object.entries(results).map(([name, result]) => [name, figures(result)])),
    goals: [...goals, ...besides]
      .filter(([, name, other]) => results[name] && results[other])
      .map(([title, name, other, byMajor]) => ({
        title,
        ...ratio(results, name, other),
        goal: byMajor?.[goalsLike[major] ?? major],
      })),
    memory: results.hardening.residentBytes / results.express.residentBytes,
  }
}
