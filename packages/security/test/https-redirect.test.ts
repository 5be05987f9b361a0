import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { httpsRedirect, secureHeaders, type HttpsRedirectOptions } from '../src/index.js'
import { closeAll, raw, serve, statusOf, threats, versions } from './apps.js'

afterEach(closeAll)

describe.each(versions)('httpsRedirect on %s', (_, express) => {
  const found = threats()

  async function send(head: string, { trust, ...options }: HttpsRedirectOptions & { trust?: unknown } = {}) {
    const { port } = await serve(express, (app) => {
      if (trust !== undefined) app.set('trust proxy', trust)
      app.use(secureHeaders(), httpsRedirect(options))
      app.use((_req, res) => void res.send('plain'))
    })
    const answer = await raw(port, `${head.replaceAll('\n', '\r\n')}\r\nConnection: close\r\n\r\n`)
    const location = /^location: (.*)$/im.exec(answer)?.[1]?.trim()
    return { status: statusOf(answer), location, answer }
  }

  it.each(['GET', 'POST', 'PUT', 'DELETE'])(
    '[SE-4] A7 redirects %s with 308, which keeps method and body',
    async (method) => {
      const { status, location } = await send(
        `${method} /a/b?c=d&e=%2F HTTP/1.1\nHost: example.com:3000\nContent-Length: 0`,
      )
      expect(status).toBe(308)
      expect(location).toBe('https://example.com/a/b?c=d&e=%2F')
    },
  )

  it.each([301, 302, 307] as const)('[SE-4] redirects with %d on request', async (status) => {
    expect((await send('GET / HTTP/1.1\nHost: example.com', { status })).status).toBe(status)
  })

  it('[SE-4] A7 lets probes through over plain HTTP', async () => {
    expect((await send('GET /health/readiness HTTP/1.1\nHost: 10.0.0.1')).status).toBe(200)
    expect((await send('GET /.well-known/acme-challenge/x HTTP/1.1\nHost: example.com')).status).toBe(200)
    expect((await send('GET /healthy HTTP/1.1\nHost: example.com')).status).toBe(308)
    expect((await send('GET /ping HTTP/1.1\nHost: example.com', { exempt: ['/ping'] })).status).toBe(200)
  })

  it('[SE-4] A7 does not believe X-Forwarded-Proto of a peer that is not the proxy', async () => {
    const forged = 'GET / HTTP/1.1\nHost: example.com\nX-Forwarded-Proto: https'
    expect((await send(forged)).status).toBe(308)
    expect((await send(forged, { trust: '10.0.0.0/8' })).status).toBe(308)
  })

  it.each<[string, number]>([
    ['https', 200],
    ['HTTPS', 200],
    ['https, http', 200],
    ['http', 308],
    ['http, https', 308],
    ['wss', 308],
  ])('[SE-4] A7 behind a trusted proxy, X-Forwarded-Proto: %s', async (proto, status) => {
    const head = `GET / HTTP/1.1\nHost: example.com\nX-Forwarded-Proto: ${proto}`
    expect((await send(head, { trust: 1 })).status).toBe(status)
  })

  it('[SE-4] A7 redirects to the host of the proxy where it is believed', async () => {
    const head = 'GET /x HTTP/1.1\nHost: 10.0.0.5:3000\nX-Forwarded-Host: example.com\nX-Forwarded-Proto: http'
    expect((await send(head, { trust: 1 })).location).toBe('https://example.com/x')
    expect((await send(head)).location).toBe('https://10.0.0.5/x')
  })

  it('[SE-4] A7 redirects to no host but its own', async () => {
    const hosts = ['example.com']
    expect((await send('GET / HTTP/1.1\nHost: EXAMPLE.com.', { hosts })).location).toBe('https://example.com/')
    const refused = await send('GET / HTTP/1.1\nHost: evil.com', { hosts })
    expect(refused).toMatchObject({ status: 400, location: undefined })
    expect(refused.answer).toContain('ERR_SECURITY_HTTPS')
    expect(found).toMatchObject([{ kind: 'https', rule: 'unknown-host' }])
    expect((await send('GET / HTTP/1.1\nHost: a@evil.com')).status).toBe(400)
  })

  it('[SE-4] A7 sends no HSTS over plain HTTP', async () => {
    const { answer } = await send('GET / HTTP/1.1\nHost: example.com')
    expect(answer).not.toMatch(/strict-transport-security/i)
    expect(answer).toMatch(/x-content-type-options/i)
  })

  it.each([
    ['GET //evil.com/x HTTP/1.1\nHost: example.com', 'https://example.com//evil.com/x'],
    ['GET http://example.com/x?y HTTP/1.1\nHost: example.com', 'https://example.com/x?y'],
    ['GET /"<> HTTP/1.1\nHost: example.com', 'https://example.com/"<>'],
    ['GET /\\evil.com HTTP/1.1\nHost: example.com', 'https://example.com/\\evil.com'],
  ])('[SE-4] keeps the path where it is: %j', async (head, location) => {
    expect((await send(head)).location).toBe(location)
  })

  it('[SE-4] redirects to another port on request', async () => {
    expect((await send('GET / HTTP/1.1\nHost: localhost:3000', { port: 3443 })).location).toBe(
      'https://localhost:3443/',
    )
  })
})

describe('options of httpsRedirect', () => {
  it.each<[string, unknown]>([
    ['hosts', { hosts: [] }],
    ['hosts', { hosts: 'example.com' }],
    ['hosts[0]', { hosts: ['https://example.com'] }],
    ['status', { status: 303 }],
    ['port', { port: 0 }],
    ['exempt[0]', { exempt: [''] }],
    ['permanent', { permanent: true }],
  ])('[SE-4] refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      httpsRedirect(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'httpsRedirect', option })
    }
  })

  it('[SE-4] undefined means omitted', () => {
    const options = { hosts: undefined, status: undefined, port: undefined, exempt: undefined }
    expect(() => httpsRedirect(options as never)).not.toThrow()
  })
})
