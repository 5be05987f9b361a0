// Lists of 2, 10 and 100 KB: the same each time, or another one each time. BENCH_COMPRESS says who compresses.
import { createServer as createOwnServer } from 'node:http'
import express from 'express'
import { listenForHarness } from '../harness/process.mjs'
import { records } from './records.mjs'

const app = express()
let server
if (process.env.BENCH_COMPRESS === 'toolkit') {
  const [{ createServer }, { protect }] = await Promise.all([import('@hardening/kit'), import('./protected.mjs')])
  protect(app)
  server = createServer(app)
} else {
  const { default: compression } = await import('compression')
  app.use(compression())
  server = createOwnServer(app)
}
let asked = 0
for (const size of [2, 10, 100]) {
  const items = records(size * 1000)
  app.get(`/repeated/${size}`, (_req, res) => void res.json({ items }))
  app.get(`/fresh/${size}`, (_req, res) => void res.json({ at: ++asked, items }))
}
listenForHarness(server)
