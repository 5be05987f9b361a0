import { createServer } from 'node:http'
import { request } from 'node:http'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { ipFilter, type IpFilterOptions } from '../src/index.js'
import { closeAll, raw, serve, statusOf, threats, versions } from './apps.js'

afterEach(closeAll)

describe.each(versions)('ipFilter on %s', (_, express) => {
  const found = threats()

  async function status(options: IpFilterOptions, from?: string, path = '/'): Promise<number> {
    const { url } = await serve(express, (app) => {
      app.set('trust proxy', from === undefined ? false : 1)
      app.use(ipFilter(options)).use((_req, res) => void res.send('in'))
    })
    return (await fetch(url + path, from === undefined ? {} : { headers: { 'X-Forwarded-For': from } })).status
  }

  it.each<[IpFilterOptions, string, number]>([
    [{ allow: ['10.0.0.0/8'] }, '10.255.0.1', 200],
    [{ allow: ['10.0.0.0/8'] }, '11.0.0.1', 403],
    [{ allow: ['10.0.0.0/8'] }, '::ffff:10.0.0.1', 200],
    [{ allow: ['2001:db8::/32'] }, '2001:DB8:1::1', 200],
    [{ allow: ['2001:db8::/32'] }, '2001:db9::1', 403],
    [{ allow: ['192.0.2.1', '192.0.2.2'] }, '192.0.2.2', 200],
    [{ deny: ['192.0.2.0/24'] }, '192.0.2.77', 403],
    [{ deny: ['192.0.2.0/24'] }, '192.0.3.1', 200],
    [{ allow: ['192.0.2.0/24'], deny: ['192.0.2.77'] }, '192.0.2.77', 403],
    [{ allow: ['192.0.2.0/24'], deny: ['192.0.2.77'] }, '192.0.2.78', 200],
    [{ allow: [] }, '192.0.2.1', 403],
    [{ allow: ['0.0.0.0/0'] }, 'nonsense', 403],
  ])('[SE-4] with %j, %s gets %d', async (options, from, expected) =>
    expect(await status(options, from)).toBe(expected),
  )

  it('[SE-4] does not believe X-Forwarded-For without a trusted proxy', async () => {
    const { url } = await serve(express, (app) =>
      app.use(ipFilter({ allow: ['10.0.0.0/8'] })).use((_req, res) => void res.send('in')),
    )
    expect((await fetch(url, { headers: { 'X-Forwarded-For': '10.0.0.1' } })).status).toBe(403)
  })

  it('[SE-4] leaves exempt paths open', async () => {
    const options = { allow: [], exempt: ['/health'] }
    expect(await status(options, undefined, '/health/liveness')).toBe(200)
    expect(await status(options, undefined, '/admin')).toBe(403)
  })

  it.each([
    '/open/../secret',
    '/open/a/../../secret',
    '/open/..',
    '/open/%2e%2e/secret',
    '/open/.%2E/secret',
    '/open/..%2fsecret',
    '/open%2f..%2fsecret',
    '/open/..\\secret',
    '/open\\..\\secret',
    '/open/x%5c..%5csecret',
    '/open/..;/secret',
    '/opened',
    '/OPEN/../secret',
    '//open/x',
    '/open/../open/../secret?x',
  ])('[SE-4] exempt paths do not lead to others: %s', async (path) => {
    const { port } = await serve(express, (app) =>
      app.use(ipFilter({ allow: [], exempt: ['/open'] })).use((_req, res) => void res.send('in')),
    )
    expect(statusOf(await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`))).toBe(403)
  })

  it.each(['/open/a..b/c', '/open/..hidden', '/open/v1...2', '/open/?next=/../x', '/open/a%2Fb'])(
    '[SE-4] exempt paths may have dots: %s',
    async (path) => {
      const { port } = await serve(express, (app) =>
        app.use(ipFilter({ allow: [], exempt: ['/open'] })).use((_req, res) => void res.send('in')),
      )
      expect(statusOf(await raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`))).toBe(200)
    },
  )

  it('[SE-4] a file beside an exempt folder is not served by way of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ip-filter-'))
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    mkdirSync(join(folder, 'open'))
    writeFileSync(join(folder, 'open', 'file.txt'), 'open')
    const { port } = await serve(express, (app) =>
      app.use(ipFilter({ allow: [], exempt: ['/open'] })).use(express.static(folder)),
    )
    const get = (path: string): Promise<string> =>
      raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(await get('/open/file.txt')).toContain('open')
    for (const path of ['/open/../secret.txt', '/open/%2e%2e/secret.txt']) {
      const answer = await get(path)
      expect([path, statusOf(answer)]).toEqual([path, 403])
      expect(answer).not.toContain('\r\n\r\nsecret')
    }
    rmSync(folder, { recursive: true })
  })

  it('[SE-4] tells of what it refused, without the address', async () => {
    await status({ deny: ['192.0.2.0/24'] }, '192.0.2.9')
    await status({ allow: ['192.0.2.0/24'] }, '192.0.3.9')
    expect(found).toMatchObject([
      { kind: 'address', rule: 'denied', field: 'ip' },
      { kind: 'address', rule: 'not-allowed', field: 'ip' },
    ])
  })

  it.each<[string, IpFilterOptions, number]>([
    ['an allow list refuses', { allow: ['127.0.0.1'] }, 403],
    ['a deny list passes', { deny: ['127.0.0.1'] }, 200],
  ])('[SE-4] over a Unix socket %s', async (_case, options, expected) => {
    const folder = mkdtempSync(join(tmpdir(), 'ip-filter-'))
    const app = express()
    app.use(ipFilter(options)).use((_req, res) => void res.send('in'))
    app.use(((error, _req, res, _next) => void res.status(error.status).end()) as import('express').ErrorRequestHandler)
    const server = createServer(app)
    const socketPath = join(folder, 'socket')
    await new Promise<void>((resolve) => server.listen(socketPath, resolve))
    const got = await new Promise<number | undefined>((resolve, reject) =>
      request({ socketPath, agent: false }, (res) => resolve(res.resume().statusCode))
        .on('error', reject)
        .end(),
    )
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
    expect(got).toBe(expected)
  })
})

describe('options of ipFilter', () => {
  it.each<[string, unknown]>([
    ['allow', undefined],
    ['allow', {}],
    ['allow', { deny: [] }],
    ['allow', { allow: '10.0.0.0/8' }],
    ['allow[1]', { allow: ['10.0.0.1', 'example.com'] }],
    ['deny[0]', { deny: ['10.0.0.0/33'] }],
    ['block', { block: [] }],
  ])('[SE-4] refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      ipFilter(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'ipFilter', option })
    }
  })
})
