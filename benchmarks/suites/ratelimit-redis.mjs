// Decisions over a real Redis: ours, two windows and the default configuration, with 64 in flight against two stacked
// rate-limit-redis instances (two windows as well), with one in flight against ONE instance (a single window).
// Contenders take turns in short slices of the same run; a goal compares the slices of one round.
// node benchmarks/suites/ratelimit-redis.mjs [milliseconds a slice] [rounds]
import { spawn } from 'node:child_process'
import { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, Socket } from 'node:net'
import { rateLimit } from '@hardening/ratelimit'
import { rateLimit as expressRateLimit } from 'express-rate-limit'
import { Redis } from 'ioredis'
import { RedisStore } from 'rate-limit-redis'
import { median, quantile } from '../harness/statistics.mjs'

const sliceMs = Number(process.argv[2] ?? 250)
const rounds = Number(process.argv[3] ?? 25)

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})
const server = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], { stdio: 'ignore' })
// Each contender has a connection of its own, with the same options: those of ioredis.
const clients = []
function connect() {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
  client.on('error', () => undefined)
  clients.push(client)
  return client
}
const observer = connect()
await observer.ping()

/** CPU time of the server in microseconds. */
async function serverCpu() {
  const text = await observer.info('cpu')
  const seconds = [...text.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map((match) => Number(match[1]))
  return seconds.reduce((sum, each) => sum + each, 0) * 1_000_000
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

let peers = 0
function peer(client, windowMs) {
  const prefix = `peer${peers++}:`
  return expressRateLimit({
    windowMs,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    validate: false,
    store: new RedisStore({ sendCommand: (...args) => client.call(...args), prefix }),
  })
}

const own = rateLimit({
  redis: connect(),
  timeout: '5s',
  policies: windows.map((window, at) => ({ name: `w${at}`, limit, window })),
})
const [one, two] = [connect(), connect()]
const contenders = {
  'toolkit, 2 windows': through([own]),
  'rate-limit-redis x 1': through([peer(one, 60_000)]),
  'rate-limit-redis x 2': through(windows.map((window) => peer(two, window))),
}

async function slice(decide, inFlight) {
  const theirs = await serverCpu()
  const cpu = process.cpuUsage()
  const start = performance.now()
  const times = []
  const worker = async () => {
    for (let before = performance.now(); before - start < sliceMs;) {
      await decide()
      const now = performance.now()
      times.push(now - before)
      before = now
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  const { user, system } = process.cpuUsage(cpu)
  const seconds = (performance.now() - start) / 1000
  const done = times.length
  const redis = ((await serverCpu()) - theirs) / done
  return { rate: done / seconds, p50: median(times), own: (user + system) / done, redis }
}

/** The ratio of two contenders in each round; a disturbance of the machine mostly meets both. */
function goal(what, title, values, aim, isLeast) {
  const middle = median(values)
  const isMet = isLeast ? middle >= aim : middle <= aim
  const spread = `${quantile(values, 0.1).toFixed(2)} to ${quantile(values, 0.9).toFixed(2)}`
  const bound = `${isLeast ? 'at least' : 'at most'} ${aim}`
  console.log(`${what}, ${title}: ${middle.toFixed(2)} (${spread}) (goal ${bound}: ${isMet ? 'met' : 'missed'})`)
}

async function compareAt(inFlight, rival) {
  const found = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  const entries = Object.entries(contenders)
  for (let round = -3; round < rounds; round++) {
    // Whoever begins, begins a third of the rounds.
    for (let at = 0; at < entries.length; at++) {
      const [name, decide] = entries[(at + round + 3) % entries.length]
      const result = await slice(decide, inFlight)
      if (round >= 0) found[name].push(result)
    }
  }
  const what = `${inFlight} in flight`
  for (const [name, results] of Object.entries(found)) {
    const of = (key) => median(results.map((result) => result[key]))
    console.log(
      `${what}, ${name}: ${of('rate').toFixed(0)} decisions/s, p50 ${of('p50').toFixed(3)} ms, ` +
        `${of('own').toFixed(1)} µs of CPU here, ${of('redis').toFixed(1)} µs in Redis`,
    )
  }
  const ours = found['toolkit, 2 windows']
  const ratios = (key) => ours.map((result, round) => result[key] / found[rival][round][key])
  const against = `toolkit / ${rival}`
  if (inFlight === 1) {
    goal(what, `decisions/s, ${against}`, ratios('rate'), 1, true)
    goal(what, `p50, ${against}`, ratios('p50'), 1, false)
    return
  }
  goal(what, `decisions/s, ${against}`, ratios('rate'), 2, true)
  goal(what, `CPU here, ${against}`, ratios('own'), 0.25, false)
  goal(what, `CPU in Redis, ${against}`, ratios('redis'), 0.5, false)
}

try {
  await compareAt(64, 'rate-limit-redis x 2')
  await compareAt(1, 'rate-limit-redis x 1')
} finally {
  own.close()
  for (const client of clients) client.disconnect()
  server.kill('SIGKILL')
}
