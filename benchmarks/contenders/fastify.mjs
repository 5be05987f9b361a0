// Fastify with the plugins of its own house. The limiter knows one window.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify from 'fastify'
import { generous, item, origin } from './shared.mjs'

const app = Fastify({ keepAliveTimeout: 600_000, logger: { file: join(tmpdir(), `fastify-${process.pid}.log`) } })
await app.register(helmet)
await app.register(cors, { origin: [origin], credentials: true })
await app.register(compress)
await app.register(rateLimit, { max: generous, timeWindow: 60_000 })
app.get('/items/:id', () => item)
await app.listen({ port: 0, host: '127.0.0.1' })
process.send({ port: app.server.address().port })
process.on('disconnect', () => process.exit())
