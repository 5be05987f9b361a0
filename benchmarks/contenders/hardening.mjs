// What a user gets from harden(app) with its defaults, limits raised. BENCH_SERVER=own keeps the user's own server.
import { createServer as createOwnServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { createServer, harden } from '@hardening/kit'
import { Redis } from 'ioredis'
import { listenForHarness } from '../harness/process.mjs'
import { limit, origin, routes } from './shared.mjs'

const app = express()
harden(app, {
  ...(process.env.BENCH_REDIS_URL ? { redis: new Redis(process.env.BENCH_REDIS_URL) } : {}),
  log: { file: join(tmpdir(), `hardening-${process.pid}.log`) },
  cors: { origins: [origin], credentials: true },
  rateLimit: {
    policies: [
      { name: 'minute', limit, window: '1m' },
      { name: 'hour', limit, window: '1h' },
    ],
  },
})
routes(app)
listenForHarness(process.env.BENCH_SERVER === 'own' ? createOwnServer(app) : createServer(app))
