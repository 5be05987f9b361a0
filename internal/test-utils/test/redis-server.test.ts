import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformFile } from '@swc/core'
import { afterAll, describe, expect } from '@jest/globals'
import { freePort, itWith, redisBinary, redisCommand, startRedis, until, type RedisServer } from '../src/index.js'

const servers: RedisServer[] = []
const start = async (): Promise<RedisServer> => {
  const server = await startRedis()
  servers.push(server)
  return server
}
afterAll(() => Promise.all(servers.map((server) => server.stop())))

describe('a Redis of the test', () => {
  itWith('redis', '[RP-1] answers as soon as it is started, on a port of its own', async () => {
    const [one, two] = await Promise.all([start(), start()])
    expect(one.port).not.toBe(two.port)
    expect(one.url).toBe(`redis://127.0.0.1:${one.port}`)
    await one.command('SET', 'who', 'one')
    expect(await one.command('GET', 'who')).toBe('one')
    expect(await two.command('GET', 'who')).toBeNull()
  })

  itWith('redis', '[RP-1] kill() refuses connections, restart() comes back empty on the same port', async () => {
    const server = await start()
    await server.command('SET', 'k', 'v')
    await server.kill()
    expect(server.running).toBe(false)
    await expect(server.command('PING')).rejects.toThrow(/ECONNREFUSED/)
    await server.restart()
    expect(await server.command('GET', 'k')).toBeNull()
  })

  itWith('redis', '[RP-1] freeze() stops answers and thaw() gives the late ones', async () => {
    const server = await start()
    server.freeze()
    let answered = false
    const reply = server.command('PING').finally(() => {
      answered = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(answered).toBe(false)
    server.thaw()
    expect(await reply).toBe('PONG')
  })

  itWith('redis', '[RP-1] starts stopped on request', async () => {
    const server = await startRedis({ start: false })
    servers.push(server)
    await expect(server.command('PING')).rejects.toThrow(/ECONNREFUSED/)
    await server.restart()
    expect(await server.command('PING')).toBe('PONG')
  })

  itWith('redis', '[RP-1] throws what Redis answers as an error', async () => {
    const server = await start()
    await expect(server.command('NOSUCH')).rejects.toThrow(/unknown command/)
    await expect(server.command('CONFIG', 'GET', 'port')).resolves.toEqual(['port', String(server.port)])
  })

  itWith('redis', '[RP-1] dies with the process that started it, however that ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hardening-orphan-'))
    const { code } = await transformFile(join(__dirname, '../src/child.ts'), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    })
    await writeFile(join(folder, 'child.cjs'), code)
    const port = await freePort()
    const script = `
      const { startChild } = require('./child.cjs')
      const server = startChild(process.argv[1], ['--port', process.argv[2], '--bind', '127.0.0.1', '--save', ''], process.cwd())
      server.waitFor(/ready to accept/i).then(() => console.log('ready'))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['-e', script, String(redisBinary()), String(port)], { cwd: folder })
    await once(parent.stdout, 'data')
    expect(await redisCommand(port, 'PING')).toBe('PONG')
    parent.kill('SIGKILL')
    await until(
      () =>
        redisCommand(port, 'PING').then(
          () => false,
          (error: Error) => /ECONNREFUSED/.test(error.message),
        ),
      {
        what: 'the end of the orphan',
      },
    )
    await until(() => !existsSync(folder), { what: 'the removal of its folder' })
  })
})
