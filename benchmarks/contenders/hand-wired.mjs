// What people wire by hand: helmet, cors, compression, two windows of express-rate-limit, express-prom-bundle, and winston,
// or pino-http with BENCH_LOGGER=pino.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import compression from 'compression'
import cors from 'cors'
import express from 'express'
import promBundle from 'express-prom-bundle'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import { listenForHarness } from '../harness/process.mjs'
import { limit, origin, routes } from './shared.mjs'

// Who counts in memory loads nothing of Redis.
async function redisStores(url) {
  const [{ Redis }, { RedisStore }] = await Promise.all([import('ioredis'), import('rate-limit-redis')])
  const redis = new Redis(url)
  return (prefix) => new RedisStore({ prefix, sendCommand: (...args) => redis.call(...args) })
}

const url = process.env.BENCH_REDIS_URL
const store = url ? await redisStores(url) : () => undefined
const file = join(tmpdir(), `hand-wired-${process.pid}.log`)

async function pinoLogging() {
  const [{ default: pino }, { default: pinoHttp }] = await Promise.all([import('pino'), import('pino-http')])
  const logger = pino(pino.destination({ dest: file, sync: false }))
  return { logger, middleware: pinoHttp({ logger, genReqId: (req) => req.id }) }
}

async function winstonLogging() {
  const { default: winston } = await import('winston')
  const logger = winston.createLogger({
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.File({ filename: file })],
  })
  const middleware = (req, res, next) => {
    const start = process.hrtime.bigint()
    res.on('finish', () => {
      logger.info('request', {
        requestId: req.id,
        method: req.method,
        path: req.originalUrl,
        status: res.statusCode,
        durationMs: Number(process.hrtime.bigint() - start) / 1e6,
        ip: req.ip,
        userAgent: req.get('user-agent'),
      })
    })
    next()
  }
  return { logger, middleware }
}

const { logger, middleware: logging } = await (process.env.BENCH_LOGGER === 'pino' ? pinoLogging() : winstonLogging())

const app = express()
app.disable('x-powered-by')
app.use((req, res, next) => {
  req.id = req.get('x-request-id') ?? randomUUID()
  res.setHeader('X-Request-Id', req.id)
  next()
})
app.use(logging)
app.use(promBundle({ includeMethod: true, includePath: true }))
app.use(helmet())
app.use(cors({ origin: [origin], credentials: true }))
app.use(compression())
const common = { limit, standardHeaders: 'draft-8', legacyHeaders: false }
app.use(rateLimit({ ...common, windowMs: 60_000, store: store('minute:') }))
app.use(rateLimit({ ...common, windowMs: 3_600_000, store: store('hour:') }))
routes(app)
app.use((error, req, res, _next) => {
  logger.error(error)
  res.status(500).json({ error: 'internal' })
})
listenForHarness(createServer(app))
