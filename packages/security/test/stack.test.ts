import { createHook } from 'node:async_hooks'
import { ServerResponse, createServer, request, type IncomingHttpHeaders } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { fuse, isHttpError, stepsOf, type StepMiddleware } from '@hardening/core'
import * as security from '../src/index.js'
import { closeAll, raw, serve, versions } from './apps.js'

afterEach(closeAll)

const {
  bodyLimits,
  clearSiteData,
  corsPolicy,
  cspReports,
  csrfGuard,
  httpsRedirect,
  ipFilter,
  noStore,
  requestLimits,
  requestTimeout,
  requireContentType,
  secureHeaders,
  trustedHosts,
} = security

/** Everything that stands before a body is parsed, in the order that the README recommends. */
const stack = (): StepMiddleware[] => [
  secureHeaders({ contentSecurityPolicyReportOnly: true }),
  trustedHosts({ hosts: ['example.com'] }),
  ipFilter({ deny: ['192.0.2.0/24'] }),
  requestLimits({ body: '1kb' }),
  httpsRedirect({ exempt: ['/'] }),
  corsPolicy({ origins: ['https://app.example.com'], credentials: true }),
  csrfGuard({ trustedOrigins: ['https://app.example.com'] }),
  requireContentType({ produce: ['application/json'] }),
  requestTimeout(),
  noStore(),
]

const requests: readonly [what: string, head: string][] = [
  ['a page', 'GET / HTTP/1.1\r\nHost: example.com'],
  ['an unknown host', 'GET / HTTP/1.1\r\nHost: evil.com'],
  ['a long URL', `GET /${'a'.repeat(9000)} HTTP/1.1\r\nHost: example.com`],
  ['a large body', 'POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 2000'],
  [
    'a preflight',
    'OPTIONS / HTTP/1.1\r\nHost: example.com\r\nOrigin: https://app.example.com\r\nAccess-Control-Request-Method: PUT',
  ],
  [
    'a preflight of a stranger',
    'OPTIONS / HTTP/1.1\r\nHost: example.com\r\nOrigin: https://evil.com\r\nAccess-Control-Request-Method: PUT',
  ],
  ['another site', 'POST / HTTP/1.1\r\nHost: example.com\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0'],
  ['a body of another type', 'POST / HTTP/1.1\r\nHost: example.com\r\nContent-Type: text/plain\r\nContent-Length: 2'],
  ['a client that wants images', 'GET / HTTP/1.1\r\nHost: example.com\r\nAccept: image/png'],
  ['a visitor with a cookie', 'GET / HTTP/1.1\r\nHost: example.com\r\nCookie: a=1'],
]

/** An answer without what differs from one request to the next. */
const settled = (answer: string): string[] =>
  answer
    .replace(/nonce-[A-Za-z0-9+/=]{24}/g, 'nonce-x')
    .replace(/^(date|x-request-id|etag): .*$/gim, '$1')
    .split('\r\n')
    .sort()

describe.each(versions)('the whole package on %s', (_, express) => {
  it.each(requests)('[SE-1] answers %s alike in one pass and one by one', async (_what, head) => {
    const answers: string[][] = []
    for (const middlewares of [stack(), [fuse(stack().flatMap((one) => [...stepsOf(one)]))]]) {
      const { port } = await serve(express, (app) => {
        for (const one of middlewares) app.use(one)
        app.use((_req, res) => void res.json({ ok: true }))
      })
      answers.push(settled(await raw(port, `${head}\r\nConnection: close\r\n\r\n{}`)))
    }
    expect(answers[0]?.length).toBeGreaterThan(5)
    expect(answers[1]).toEqual(answers[0])
  })

  it('[SE-1] A10 works over a Unix socket, mounted twice, and in a mounted app', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'security-'))
    const socketPath = join(folder, 'socket')
    const app = express()
    const inner = express()
    app.set('trust proxy', true)
    for (const one of [...stack(), ...stack()]) app.use(one)
    for (const one of stack()) inner.use(one)
    inner.get('/', (_req, res) => void res.json({ ok: true }))
    app.use('/', inner)
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    const found = await new Promise<{ status: number | undefined; headers: IncomingHttpHeaders }>((resolve, reject) => {
      const headers = { Host: 'example.com', 'X-Forwarded-Host': 'example.com', 'X-Forwarded-Proto': 'https' }
      request({ socketPath, headers, agent: false }, (res) =>
        resolve({ status: res.resume().statusCode, headers: res.headers }),
      )
        .on('error', reject)
        .end()
    })
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
    expect(found.status).toBe(200)
    expect(found.headers['x-content-type-options']).toBe('nosniff')
    expect(String(found.headers['content-security-policy']).match(/nonce-/g)).toHaveLength(1)
  })
})

describe.each(versions)('the cost on %s', (_, express) => {
  it('[SE-1] A11 sets no header one by one, and makes no promise, timer or listener for a request', async () => {
    const made: string[] = []
    let counting = false
    const hook = createHook({ init: (_id, type) => void (counting && made.push(type)) }).enable()
    const setHeader = jest.spyOn(ServerResponse.prototype, 'setHeader')
    const calls: number[] = []
    const { port } = await serve(express, (app) => {
      app.use((_req, _res, next) => {
        setHeader.mockClear()
        counting = true
        next()
      })
      app.use(fuse(stack().flatMap((one) => [...stepsOf(one)])))
      app.use((_req, res) => {
        counting = false
        calls.push(setHeader.mock.calls.length, res.listenerCount('close'))
        res.json({})
      })
    })
    const ask = (): Promise<string> => raw(port, 'GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n')
    // The first request draws random bits, begins the row of deadlines with its timer, and prepares the app.
    await ask()
    made.length = calls.length = 0
    await ask()
    hook.disable()
    setHeader.mockRestore()
    expect({ made, calls }).toEqual({ made: [], calls: [0, 1] })
  })
})

describe('the package', () => {
  it('[SE-1] names each middleware after its factory', () => {
    const all = [...stack(), bodyLimits(), clearSiteData(), cspReports()]
    for (const one of all) expect(one.name).toBe(`${stepsOf(one)[0]?.name ?? ''}Middleware`)
  })

  it('[SE-1] has one class for each code, and each can be told by its code', () => {
    const classes = Object.entries(security).filter(([name]) => name.endsWith('Error'))
    const codes = classes.map(([, Class]) => {
      const error = new (Class as unknown as new (arg: unknown) => { code: string })(['x'])
      expect(isHttpError(error)).toBe(true)
      return error.code
    })
    expect(codes.length).toBeGreaterThanOrEqual(14)
    expect(new Set(codes).size).toBe(codes.length)
    for (const code of codes) expect(code).toMatch(/^ERR_SECURITY_[A-Z_]+$/)
  })

  it('[SE-1] keeps no process alive', () => {
    const before = process.getActiveResourcesInfo().length
    stack()
    expect(process.getActiveResourcesInfo().length).toBe(before)
  })
})
