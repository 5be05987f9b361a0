import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type CompiledPackages, compilePackages, type RedisServer, startRedis, until } from '@hardening/test-utils'

/** A server that says its port, as a deployment runs several of. */
const program = `
const express = require('express')
const { Redis } = require('ioredis')
const { rateLimit } = require('@hardening/ratelimit')
const redis = new Redis(Number(process.argv[2]), '127.0.0.1')
const app = express()
// On a busy machine four starting processes may be slower than the default allows.
app.use(rateLimit({ redis, timeout: '5s', policies: [{ limit: 50, window: '1m' }] }))
app.use((_req, res) => res.end())
app.use((error, _req, res, _next) => res.status(error.status).end())
const server = app.listen(0, '127.0.0.1', () => redis.ping().then(() => console.log(server.address().port)))
process.stdin.resume().on('end', () => process.exit())
`

const idle = `
const { rateLimit } = require('@hardening/ratelimit')
const { Redis } = require('ioredis')
const redis = new Redis(Number(process.argv[2]), '127.0.0.1')
redis.once('ready', async () => {
  const limiter = rateLimit({ redis })
  await limiter.block('192.0.2.1', '1m')
  limiter.close()
  redis.disconnect()
})
`

let compiled: CompiledPackages
let server: RedisServer

beforeAll(async () => {
  compiled = compilePackages('core', 'ratelimit')
  writeFileSync(join(compiled.folder, 'server.cjs'), program)
  writeFileSync(join(compiled.folder, 'idle.cjs'), idle)
  for (const name of ['ioredis', 'express', 'express-rate-limit']) {
    symlinkSync(join(__dirname, '../node_modules', name), join(compiled.folder, 'node_modules', name))
  }
  server = await startRedis()
})

afterAll(async () => {
  await server.stop()
  compiled.remove()
})

describe('four server processes', () => {
  it('[RL-1] 1.8.2 200 requests at once against a limit of 50: exactly 50 pass', async () => {
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, [join(compiled.folder, 'server.cjs'), String(server.port)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
    try {
      const ports = await Promise.all(
        children.map(async ({ stdout }) => Number(String((await once(stdout, 'data'))[0]))),
      )
      const requests = Array.from({ length: 200 }, (_, at) => fetch(`http://127.0.0.1:${ports[at % 4]}/`))
      const found = (await Promise.all(requests)).map(({ status }) => status)
      expect(found.filter((status) => status === 200)).toHaveLength(50)
      expect(found.filter((status) => status === 429)).toHaveLength(150)
    } finally {
      for (const child of children) child.kill('SIGKILL')
    }
  }, 30_000)

  it('[RL-6] a limiter that is closed keeps no process alive', async () => {
    const child = spawn(process.execPath, [join(compiled.folder, 'idle.cjs'), String(server.port)], {
      stdio: 'inherit',
    })
    try {
      await until(() => child.exitCode !== null, { within: 15_000 })
      expect(child.exitCode).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  }, 20_000)
})
