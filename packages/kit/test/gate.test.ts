import { afterEach, describe, expect, it } from '@jest/globals'
import type { LogSink } from '@hardening/logging'
import { listen, type Listening } from '@hardening/test-utils'
import { harden, type HardenOptions, type Kit } from '../src/index.js'
import { versions } from './apps.js'

let server: Listening | undefined
let kit: Kit | undefined
afterEach(async () => {
  await server?.close()
  await kit?.close()
})

describe.each(versions)('the gate on %s', (_, express) => {
  async function start(options: HardenOptions = {}): Promise<{ lines: Record<string, unknown>[]; entered(): number }> {
    const lines: Record<string, unknown>[] = []
    const sink: LogSink = {
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }
    const app = express()
    const policies = [{ name: 'few', limit: 2, window: '1m' as const }]
    kit = harden(app, { log: { sink }, rateLimit: { policies }, staticPaths: ['/assets'], ...options })
    app.use((_req, res) => void res.send('ok'))
    const made = kit.createServer()
    server = await listen(made)
    const entered = (): number => lines.filter(({ message }) => message === 'request').length
    return { lines, entered }
  }
  const get = (path = '/', init?: RequestInit): Promise<Response> => fetch(`${server?.url}${path}`, init)

  it('[KI-1] answers who is over the limit before the application sees it, with headers and problem', async () => {
    const { lines, entered } = await start()
    for (let at = 0; at < 3; at++) await get()
    const before = entered()
    const refused = await get()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await refused.json()).toMatchObject({ status: 429, 'violated-policies': ['few'] })
    expect(entered()).toBe(before)
    expect(lines.find(({ message }) => String(message).includes('before the application'))).toBeDefined()
  })

  it('[KI-1] refuses bodies, HEAD and many at once on one connection', async () => {
    await start()
    for (let at = 0; at < 3; at++) await get()
    const posts = Array.from({ length: 20 }, () => get('/', { method: 'POST', body: 'x'.repeat(10_000) }))
    expect((await Promise.all(posts)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 429))
    const head = await get('/', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([429, ''])
  })

  it('[KI-1] lets probes and static files pass', async () => {
    await start()
    for (let at = 0; at < 4; at++) await get()
    expect((await get('/health/liveness')).status).toBe(200)
    expect((await get('/assets/page.css')).status).toBe(200)
    expect((await get()).status).toBe(429)
  })

  it('[KI-1] can be left out', async () => {
    const { entered } = await start({ gate: false })
    for (let at = 0; at < 5; at++) expect((await get()).status).toBe(at < 2 ? 200 : 429)
    expect(entered()).toBe(5)
  })
})
