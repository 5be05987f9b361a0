// Decisions over a real Redis, two windows, 64 (and 1) in flight: ours against two stacked rate-limit-redis instances.
// node benchmarks/suites/ratelimit-redis.mjs [milliseconds a slice] [rounds]
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { rateLimit } from '@hardening/ratelimit'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { median } from '../harness/statistics.mjs'

const sliceMs = Number(process.argv[2] ?? 500)
const rounds = Number(process.argv[3] ?? 9)

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})
const server = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' })
const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
redis.on('error', () => undefined)
await redis.ping()

/** CPU time of the server in microseconds: fields 14 and 15 of /proc/<pid>/stat, in ticks of 10 ms. */
function serverCpu() {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

const limit = 1_000_000_000
const windows = [60_000, 3_600_000]
const addresses = Array.from({ length: 1000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`)
const sockets = addresses.map((address) => Object.defineProperty(new Socket(), 'remoteAddress', { value: address }))
let sequence = 0

/** As in an application of Express: requests and responses have prototypes of their own, which are extended once. */
class Request extends IncomingMessage {}
const application = { request: Request.prototype, settings: {} }

/** What express-rate-limit uses of Express. */
class Response extends ServerResponse {
  append(name, value) {
    this.appendHeader(name, value)
  }
}
application.response = Response.prototype

function through(middlewares) {
  return async () => {
    const socket = sockets[sequence++ % sockets.length]
    const req = new Request(socket)
    req.url = '/'
    req.ip = socket.remoteAddress
    req.app = application
    const res = new Response(req)
    for (const middleware of middlewares) {
      await new Promise((resolve, reject) => middleware(req, res, (error) => (error ? reject(error) : resolve())))
    }
  }
}

const sendCommand = (...args) => redis.call(...args)
const peers = windows.map((windowMs, at) =>
  expressRateLimit({
    windowMs,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    store: new RedisStore({ sendCommand, prefix: `peer${at}:` }),
  }),
)
const own = rateLimit({
  redis,
  timeout: '5s',
  policies: windows.map((window, at) => ({ name: `w${at}`, limit, window })),
})
const contenders = { 'rate-limit-redis x 2': through(peers), 'toolkit, 2 windows': through([own]) }

async function slice(decide, inFlight) {
  const cpu = process.cpuUsage()
  const theirs = serverCpu()
  const start = performance.now()
  let done = 0
  const worker = async () => {
    while (performance.now() - start < sliceMs) {
      await decide()
      done++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - start) / 1000
  return { rate: done / seconds, own: (user + system) / done, theirs: (serverCpu() - theirs) / done }
}

try {
  for (const inFlight of [64, 1]) {
    const found = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
    for (let round = 0; round < rounds + 1; round++) {
      for (const [name, decide] of Object.entries(contenders)) {
        const result = await slice(decide, inFlight)
        if (round > 0) found[name].push(result)
      }
    }
    for (const [name, results] of Object.entries(found)) {
      const of = (what) => median(results.map((result) => result[what]))
      console.log(
        `${inFlight} in flight, ${name}: ${of('rate').toFixed(0)} decisions/s, ` +
          `${of('own').toFixed(1)} µs of CPU here, ${of('theirs').toFixed(1)} µs in Redis`,
      )
    }
  }
} finally {
  own.close()
  redis.disconnect()
  server.kill('SIGKILL')
}
