import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { freePort, startChild, until, type Child } from '@hardening/test-utils'
import { consecutive, createBreakerRegistry, resilientFetch, type ResilientFetch } from '../src/index.js'

/** A service in a process of its own. Its mode is the path: `/well`, `/flapping`, `/limited`. Says what it was asked. */
const service = `
  const { createServer } = require('node:http')
  let asked = 0
  const server = createServer((req, res) => {
    asked++
    console.log(req.method, req.url, asked)
    const isOdd = asked % 2 === 1
    if (req.url === '/hangs') return
    if (req.url === '/flapping' && isOdd) return res.writeHead(503).end('down')
    if (req.url === '/limited' && isOdd) return res.writeHead(429, { 'Retry-After': '1' }).end('limited')
    res.end('ok')
  })
  server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'))`

let folder: string
let port: number
let child: Child
let fetchService: ResilientFetch
let breaker: () => string | undefined

async function startService(): Promise<void> {
  child = startChild(process.execPath, [join(folder, 'service.cjs'), String(port)], folder)
  await child.waitFor(/listening/)
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hardening-service-'))
  writeFileSync(join(folder, 'service.cjs'), service)
  port = await freePort()
  await startService()
  useService(5000)
})

function useService(timeout: number): void {
  const registry = createBreakerRegistry()
  fetchService = resilientFetch('service', {
    registry,
    timeout,
    totalTimeout: '20s',
    retry: { retries: 2, backoff: { initial: 20, max: '2s' } },
    breaker: { opens: consecutive(3), openFor: 500 },
  })
  breaker = () => registry.get('service')?.state
}
afterEach(async () => {
  fetchService.protection.close()
  child.signal('SIGKILL')
  await child.ended()
  rmSync(folder, { recursive: true, force: true })
})

const ask = (path = '/well', init: RequestInit = {}): Promise<Response> =>
  fetchService(`http://127.0.0.1:${port}${path}`, init)
const codeOf = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => 'answered',
    (error: { code?: string }) => error.code ?? 'no code',
  )
/** Asks until the breaker has opened, and gives what the callers got. */
async function untilOpen(): Promise<Set<string | undefined>> {
  const codes = new Set<string | undefined>()
  await until(
    async () => {
      codes.add(await codeOf(ask()))
      return breaker() === 'open'
    },
    { within: 20_000 },
  )
  return codes
}
const isWellAgain = (): Promise<unknown> =>
  until(async () => (await codeOf(ask())) === 'answered' && breaker() === 'closed', { within: 20_000, every: 50 })

describe('a service in a process of its own', () => {
  it('[RE-2] [RE-1] killed: the breaker opens, callers are refused at once, and it closes when the service is back', async () => {
    expect(await codeOf(ask())).toBe('answered')
    child.signal('SIGKILL')
    await child.ended()
    await untilOpen()
    const { attempts } = fetchService.protection.stats()
    const refused = await ask().catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'ERR_RESILIENCE_OPEN', status: 503 })
    expect(fetchService.protection.stats().attempts).toBe(attempts)
    await startService()
    await isWellAgain()
  }, 60_000)

  it('[RE-2] [RE-1] killed in the middle of a call: the caller hears of it; a POST was sent once', async () => {
    const hanging = codeOf(ask('/hangs', { method: 'POST', body: 'x' }))
    await child.waitFor(/POST \/hangs/)
    child.signal('SIGKILL')
    expect(await hanging).not.toBe('answered')
    expect(child.output().match(/POST/g)).toHaveLength(1)
  }, 60_000)

  it('[RE-3] [RE-2] frozen: callers get a time-out, then are refused; thawed, it is asked again', async () => {
    expect(await codeOf(ask())).toBe('answered')
    fetchService.protection.close()
    useService(300)
    child.signal('SIGSTOP')
    const codes = await untilOpen()
    expect([...codes].every((code) => code === 'ERR_RESILIENCE_TIMEOUT' || code === 'ERR_RESILIENCE_OPEN')).toBe(true)
    expect(await codeOf(ask())).toBe('ERR_RESILIENCE_OPEN')
    child.signal('SIGCONT')
    await isWellAgain()
  }, 60_000)

  it('[RE-1] flapping: every caller gets an answer, one after the other', async () => {
    for (let at = 0; at < 3; at++) expect((await ask('/flapping')).status).toBe(200)
    expect(fetchService.protection.stats().retries).toBe(3)
    expect(breaker()).toBe('closed')
  }, 60_000)

  it('[RE-1] 3.4.3 answering 429 with Retry-After: asked again after that time, not before', async () => {
    const from = performance.now()
    expect((await ask('/limited')).status).toBe(200)
    // Timers count in whole milliseconds.
    expect(performance.now() - from).toBeGreaterThanOrEqual(995)
    expect(child.output().match(/GET \/limited/g)).toHaveLength(2)
  }, 60_000)
})
