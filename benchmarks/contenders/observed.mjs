// One way of logging or measuring on bare Express: BENCH_OBSERVE names it.
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { listenForHarness } from '../harness/process.mjs'
import { routes } from './shared.mjs'

const folder = process.env.BENCH_FOLDER ?? tmpdir()
const file = join(folder, `observed-${process.pid}.log`)
process.on('exit', () => rmSync(file, { force: true }))

/** Each writes its lines to a file and gives them method, path, status, duration, address and request id. */
const ways = {
  nothing: () => undefined,
  context: (app) => withContext(app),
  'context, accessLog': async (app) => withContext(app, (await import('@hardening/logging')).accessLog, ours),
  'context, httpMetrics': async (app) => withContext(app, (await import('@hardening/metrics')).httpMetrics),
  async accessLog(app) {
    const { accessLog } = await import('@hardening/logging')
    app.use(accessLog(await ours()))
  },
  async winston(app) {
    const logger = await winstonLogger()
    app.use((req, res, next) => {
      const start = process.hrtime.bigint()
      const requestId = req.get('x-request-id') ?? randomUUID()
      res.on('finish', () => {
        const durationMs = Number(process.hrtime.bigint() - start) / 1e6
        const { statusCode: status } = res
        logger.info('request', { requestId, method: req.method, path: req.originalUrl, status, durationMs, ip: req.ip })
      })
      next()
    })
  },
  async 'express-winston'(app) {
    const { default: expressWinston } = await import('express-winston')
    const winstonInstance = await winstonLogger()
    app.use(expressWinston.logger({ winstonInstance, meta: true, requestWhitelist: ['method', 'originalUrl', 'ip'] }))
  },
  async 'pino-http'(app) {
    const [{ default: pino }, { default: pinoHttp }] = await Promise.all([import('pino'), import('pino-http')])
    const req = ({ id, method, url, remoteAddress }) => ({ id, method, url, remoteAddress })
    const res = ({ statusCode }) => ({ statusCode })
    const logger = pino(pino.destination({ dest: file, sync: false, minLength: 4096 }))
    app.use(pinoHttp({ logger, genReqId: () => randomUUID(), serializers: { req, res } }))
  },
  async httpMetrics(app) {
    const { httpMetrics } = await import('@hardening/metrics')
    app.use(httpMetrics())
  },
  async 'express-prom-bundle'(app) {
    const { default: promBundle } = await import('express-prom-bundle')
    app.use(promBundle({ includeMethod: true, includePath: true, promClient: { collectDefaultMetrics: {} } }))
  },
}

/** As it stands beside other parts of the toolkit, which all share one pass and one record of the request. */
async function withContext(app, factory, options = async () => ({})) {
  const { fuse, requestContext, stepsOf } = await import('@hardening/core')
  const parts = [requestContext({ async: false }), ...(factory ? [factory(await options())] : [])]
  app.use(fuse(parts.flatMap(stepsOf)))
}

async function ours() {
  const { createLogger } = await import('@hardening/logging')
  return { logger: createLogger({ file }) }
}

async function winstonLogger() {
  const { default: winston } = await import('winston')
  return winston.createLogger({
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.File({ filename: file })],
  })
}

const app = express()
app.disable('x-powered-by')
await ways[process.env.BENCH_OBSERVE ?? 'nothing'](app)
routes(app)
listenForHarness(createServer(app))
