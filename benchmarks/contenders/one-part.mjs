// One package on bare Express, named by BENCH_PART, on a plain server or (BENCH_SERVER=kit) on the kit's. Answers of three
// sizes. BENCH_KEYS: so many keys are known to the limiter, and the requests come from all of them.
import { createServer as createOwnServer } from 'node:http'
import { Socket } from 'node:net'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { createServer as createKitServer, serverOptions } from '@hardening/kit'
import { listenForHarness } from '../harness/process.mjs'
import { protect } from './protected.mjs'
import { records } from './records.mjs'
import { generous, origin } from './shared.mjs'

const file = join(tmpdir(), `one-part-${process.pid}.log`)
process.on('exit', () => rmSync(file, { force: true }))
const policies = [
  { name: 'minute', limit: generous, window: '1m' },
  { name: 'hour', limit: generous, window: '1h' },
]

const app = express()

const parts = {
  nothing: () => [],
  context: async () => [(await import('@hardening/core')).requestContext()],
  secureHeaders: async () => [(await import('@hardening/security')).secureHeaders()],
  corsPolicy: async () => [(await import('@hardening/security')).corsPolicy({ origins: [origin], credentials: true })],
  requestLimits: async () => [(await import('@hardening/security')).requestLimits()],
  rateLimit: async () => [await limiter()],
  detectThreats: async () => [(await import('@hardening/validation')).detectThreats()],
  compress: async () => [(await import('@hardening/cache')).compress()],
  accessLog: async () => {
    const { accessLog, createLogger } = await import('@hardening/logging')
    return [accessLog({ logger: createLogger({ file }) })]
  },
  httpMetrics: async () => [(await import('@hardening/metrics')).httpMetrics()],
}

async function limiter() {
  const { rateLimit } = await import('@hardening/ratelimit')
  const keys = Number(process.env.BENCH_KEYS ?? 0)
  if (keys === 0) return rateLimit({ policies })
  // Far from one another, as clients are: each request meets a key that none before it has left in the processor's cache.
  let at = 0
  const keyOf = () => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
  const made = rateLimit({ policies, memory: { maxKeys: keys }, key: keyOf })
  // As they come to an application, or the code would learn of things that no request has.
  const { IncomingMessage, ServerResponse } = serverOptions(app)
  const req = new IncomingMessage(new Socket())
  for (; at < keys; at++) made(req, new ServerResponse(req), () => undefined)
  return (request, response, next) => {
    at = Math.floor(Math.random() * keys)
    made(request, response, next)
  }
}

const part = process.env.BENCH_PART ?? 'nothing'
if (part === 'everything') protect(app)
else for (const middleware of await parts[part]()) app.use(middleware)
const [small] = records(200)
app.get('/200', (_req, res) => void res.json({ id: small.id, note: small.note, tags: small.tags }))
for (const size of [2000, 20_000]) {
  const items = records(size)
  app.get(`/${size}`, (_req, res) => void res.json({ items }))
}
listenForHarness(process.env.BENCH_SERVER === 'kit' ? createKitServer(app) : createOwnServer(app))
