// What a user gets from harden(app) with its defaults, limits raised.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { harden } from '@hardening/kit'
import { limit, origin } from './shared.mjs'

// Who counts in memory loads nothing of Redis.
const url = process.env.BENCH_REDIS_URL
const redis = url ? new (await import('ioredis')).Redis(url) : undefined

export const protect = (app) =>
  harden(app, {
    ...(redis && { redis }),
    log: { file: join(tmpdir(), `hardening-${process.pid}.log`) },
    cors: { origins: [origin], credentials: true },
    rateLimit: {
      policies: [
        { name: 'minute', limit, window: '1m' },
        { name: 'hour', limit, window: '1h' },
      ],
    },
  })
