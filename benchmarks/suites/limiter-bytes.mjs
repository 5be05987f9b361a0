// Memory of the limiter: two windows, a million keys. Run with --expose-gc; prints bytes a key.
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { rateLimit } from '@hardening/ratelimit'

const keys = Number(process.argv[2] ?? 1_000_000)
const used = () => {
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
const limit = 1_000_000_000
const before = used()
const limiter = rateLimit({
  policies: [
    { name: 'minute', limit, window: '1m' },
    { name: 'hour', limit, window: '1h' },
  ],
  memory: { maxKeys: keys },
  key: ({ req }) => req.key,
})
const req = new IncomingMessage(new Socket())
for (let at = 0; at < keys; at++) {
  req.key = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
  limiter(req, new ServerResponse(req), () => undefined)
}
console.log(((used() - before) / keys).toFixed(1))
limiter.close()
