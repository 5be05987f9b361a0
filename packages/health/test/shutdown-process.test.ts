import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { type CompiledPackages, compilePackages, until } from '@hardening/test-utils'

jest.setTimeout(60_000)

let compiled: CompiledPackages
beforeAll(() => {
  compiled = compilePackages('core', 'health')
})
afterAll(() => compiled.remove())

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

let count = 0

/** A server in a process of its own: `/stuck` is never answered, everything else after 20 ms. */
async function start(options: string, more = '') {
  const file = join(compiled.folder, `server-${count++}.js`)
  writeFileSync(
    file,
    `
    const { createServer } = require('node:http')
    const { writeSync } = require('node:fs')
    const { gracefulShutdown, health } = require('@hardening/health')
    const say = (...words) => writeSync(1, words.join(' ') + '\\n')
    const probes = health()
    const server = createServer((req, res) => probes(req, res, () => {
      if (req.url.startsWith('/stuck')) return say('stuck')
      setTimeout(() => res.end('done'), 20)
    }))
    const stop = gracefulShutdown(server, { registry: probes.registry, ${options} })
    for (const phase of ['flush', 'after', 'before']) stop.onShutdown(phase, phase, () => say('hook', phase))
    ${more}
    server.listen(0, '127.0.0.1', () => say('port', server.address().port, '.'))
  `,
  )
  const child = spawn(process.execPath, [file], { cwd: compiled.folder, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exit = once(child, 'close') as Promise<[number | null]>
  const port = Number(await until(() => /port (\d+) \./.exec(output)?.[1], { within: 20_000 }))
  return { child, exit, port, output: () => output }
}

interface Reply {
  readonly status: number
  readonly closing: boolean
}

function ask(port: number, path: string, agent: Agent | false = false): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, agent: agent || new Agent() }, (res) => {
      res.resume()
      res.on('error', reject)
      res.on('end', () => resolve({ status: res.statusCode ?? 0, closing: res.headers.connection === 'close' }))
    })
    req.on('error', reject)
    req.end()
  })
}

describe('a process with gracefulShutdown', () => {
  it('[HE-4] G6 a rolling restart under the load of 200 keep-alive clients loses no request', async () => {
    const old = await start(`delay: 5000, deadline: '60s'`)
    const next = await start(`delay: 0`)
    let goOn = true
    const served = { old: 0, next: 0 }
    const lost: unknown[] = []

    // As a load balancer does: on the old one until it is told to close or not to come, then on the next.
    let isReady = true
    let told = 0
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      let where: 'old' | 'next' = 'old'
      while (goOn) {
        try {
          if (!isReady) where = 'next'
          const { status, closing } = await ask(where === 'old' ? old.port : next.port, '/', agent)
          if (status === 200) served[where] += 1
          else lost.push(status)
          if (closing) {
            where = 'next'
            told += 1
          }
        } catch (error) {
          lost.push(error)
        }
      }
      agent.destroy()
    }
    const clients = Array.from({ length: 200 }, client)
    await until(() => served.old > 1000, { within: 20_000 })

    const seen: string[] = []
    const watching = (async () => {
      for (;;) {
        try {
          const { status } = await ask(old.port, '/health/readiness')
          if (seen.at(-1) !== `ready ${status}`) seen.push(`ready ${status}`)
          isReady = status === 200
          if (status === 503) expect((await ask(old.port, '/health/liveness')).status).toBe(200)
        } catch (error) {
          const code = (error as NodeJS.ErrnoException).code ?? String(error)
          // The one probe that came as the listening socket was closed.
          if (code === 'ECONNRESET') continue
          return seen.push(code)
        }
      }
    })()
    await until(() => seen.includes('ready 200'))
    old.child.kill('SIGTERM')
    const [code] = await old.exit
    await watching
    await until(() => served.next > 1000, { within: 20_000 })
    goOn = false
    await Promise.all(clients)

    expect(lost).toEqual([])
    expect(told).toBeGreaterThan(0)
    expect(seen).toEqual(['ready 200', 'ready 503', 'ECONNREFUSED'])
    expect(code).toBe(0)
    expect(old.output().match(/hook \w+/g)).toEqual(['hook before', 'hook after', 'hook flush'])
  })

  it('[HE-4] G7 a stuck request: the deadline, exit 1, and its name on stderr', async () => {
    const { child, exit, port, output } = await start('deadline: 300')
    const stuck = ask(port, '/stuck/42?token=hunter2')
    await until(() => output().includes('stuck'))
    child.kill('SIGTERM')
    await expect(stuck).rejects.toThrow()
    expect((await exit)[0]).toBe(1)
    expect(output()).toContain('GET /stuck/42')
    expect(output()).not.toContain('hunter2')
    expect(output()).toContain('hook flush')
  })

  it('[HE-4] a second signal ends at once', async () => {
    const { child, exit, port, output } = await start(`deadline: '1h'`)
    const stuck = ask(port, '/stuck')
    await until(() => output().includes('stuck'))
    child.kill('SIGTERM')
    await until(() => output().includes('hook before'))
    child.kill('SIGINT')
    await expect(stuck).rejects.toThrow()
    expect((await exit)[0]).toBe(1)
    expect(output()).toContain('A second signal')
  })

  it('[HE-4] flushes and exits with 1 at the deadline where nothing else keeps the process alive', async () => {
    const { child, exit, output } = await start(
      'deadline: 200',
      `stop.onShutdown('before', 'hangs', () => new Promise(() => {}))
       stop.onShutdown('flush', 'slow', () => new Promise((resolve) => setTimeout(resolve, 100).unref()).then(() => say('flushed')))`,
    )
    child.kill('SIGTERM')
    expect((await exit)[0]).toBe(1)
    expect(output()).toContain('flushed')
  })
})
