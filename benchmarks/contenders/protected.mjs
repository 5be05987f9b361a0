// What a user gets from harden(app) with its defaults, limits raised.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { harden } from '@hardening/kit'
import { Redis } from 'ioredis'
import { limit, origin } from './shared.mjs'

export const protect = (app) =>
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
