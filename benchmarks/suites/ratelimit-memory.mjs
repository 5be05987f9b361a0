// Decisions in memory, and bytes a key at a million keys: ours with three windows against express-rate-limit.
// node --expose-gc benchmarks/suites/ratelimit-memory.mjs [requests] [keys]
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { rateLimit } from '@hardening/ratelimit'
import { rateLimit as expressRateLimit, MemoryStore } from 'express-rate-limit'
import { median, quantile } from '../harness/statistics.mjs'

const requests = Number(process.argv[2] ?? 20_000)
const keys = Number(process.argv[3] ?? 1_000_000)
const rounds = 15
const warmUp = 3
const addresses = Array.from({ length: 1000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`)

class StubSocket extends Socket {
  constructor(address) {
    super()
    Object.defineProperty(this, 'remoteAddress', { value: address })
  }
}
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
const sockets = addresses.map((address) => new StubSocket(address))

function exchange(at) {
  const socket = sockets[at % sockets.length]
  const req = new Request(socket)
  req.method = 'GET'
  req.url = '/'
  req.ip = socket.remoteAddress
  req.app = application
  return [req, new Response(req)]
}

async function run(middlewares) {
  let pending = 0
  const pass = async (at) => {
    const [req, res] = exchange(at)
    for (const middleware of middlewares) {
      let isDone = false
      const waiting = new Promise((resolve) => {
        middleware(req, res, (error) => {
          if (error) throw error
          isDone = true
          resolve()
        })
      })
      if (!isDone) await waiting
    }
    pending++
  }
  const start = process.cpuUsage()
  for (let at = 0; at < requests; at++) await pass(at)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / pending
}

const limit = 1_000_000_000
const peer = () =>
  expressRateLimit({ windowMs: 60_000, limit, standardHeaders: 'draft-8', legacyHeaders: false, validate: false })
const context = (_req, _res, next) => next()
const contenders = {
  // What both have to have: messages, and for ours the exchange that any package of the toolkit opens.
  'nothing (messages alone)': [context],
  'toolkit, a limiter that skips': [rateLimit({ skip: () => true })],
  'toolkit, 3 windows': [
    rateLimit({ policies: ['1m', '1h', '1d'].map((window) => ({ name: window, limit, window })) }),
  ],
  'express-rate-limit x 1': [peer()],
  'express-rate-limit x 3': [peer(), peer(), peer()],
}

const found = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
for (let round = -warmUp; round < rounds; round++) {
  for (const [name, middlewares] of Object.entries(contenders)) {
    const each = await run(middlewares)
    if (round >= 0) found[name].push(each)
  }
}
for (const [name, values] of Object.entries(found))
  console.log(`${name}: ${median(values).toFixed(2)} µs of CPU a request`)

function goal(title, values, most) {
  const middle = median(values)
  const spread = `${quantile(values, 0.1).toFixed(2)} to ${quantile(values, 0.9).toFixed(2)}`
  console.log(`${title}: ${middle.toFixed(2)} (${spread}) (goal at most ${most}: ${middle <= most ? 'met' : 'missed'})`)
}
/** What a contender adds to the messages alone, round by round. */
const added = (name) => found[name].map((each, round) => each - found['nothing (messages alone)'][round])
const theirs = added('express-rate-limit x 1')
goal(
  'what 3 windows add / what one express-rate-limit adds',
  added('toolkit, 3 windows').map((each, round) => each / theirs[round]),
  0.25,
)

const used = () => {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
const keyOf = (at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`

{
  const before = used()
  const limiter = rateLimit({
    policies: [
      { limit, window: '1m' },
      { limit, window: '1h', name: 'hour' },
    ],
    memory: { maxKeys: keys },
    key: ({ req }) => req.key,
  })
  const [req, res] = exchange(0)
  const start = process.hrtime.bigint()
  for (let at = 0; at < keys; at++) {
    req.key = keyOf(at)
    limiter(req, new ServerResponse(req), () => undefined)
  }
  const ns = Number(process.hrtime.bigint() - start) / keys
  const bytes = (used() - before) / keys
  console.log(`toolkit, 2 windows, ${keys} keys: ${ns.toFixed(0)} ns each`)
  goal('bytes a key', [bytes], 64)
  res.destroy()
  limiter.close()
}
{
  const before = used()
  const stores = [new MemoryStore(), new MemoryStore()]
  stores.forEach((store, at) => store.init({ windowMs: at === 0 ? 60_000 : 3_600_000 }))
  for (let at = 0; at < keys; at++) for (const store of stores) await store.increment(keyOf(at))
  console.log(`express-rate-limit, 2 stores, ${keys} keys: ${((used() - before) / keys).toFixed(1)} bytes a key`)
  for (const store of stores) store.shutdown()
}
