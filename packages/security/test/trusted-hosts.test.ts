import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { trustedHosts, type TrustedHostsOptions } from '../src/index.js'
import { KnownHosts } from '../src/host/known-hosts.js'
import { closeAll, raw, serve, statusOf, threats, versions } from './apps.js'

afterEach(closeAll)

const hosts = [
  '*.static.example.com:8443',
  'example.com',
  '.api.example.com',
  '*.cdn.example.com',
  'admin.example.com:8443',
  '[::1]',
  '127.0.0.1',
]

describe.each(versions)('trustedHosts on %s', (_, express) => {
  const found = threats()

  async function send(head: string, { trust, ...options }: Partial<TrustedHostsOptions> & { trust?: unknown } = {}) {
    const { port } = await serve(express, (app) => {
      if (trust !== undefined) app.set('trust proxy', trust)
      app.use(trustedHosts({ hosts, ...options }))
      app.use((req, res) => void res.send(`host=${req.hostname}`))
    })
    const answer = await raw(port, `${head.replaceAll('\n', '\r\n')}\r\nConnection: close\r\n\r\n`)
    return { status: statusOf(answer), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) }
  }

  it.each<[string, string, number]>([
    ['the host', 'GET / HTTP/1.1\nHost: example.com', 200],
    ['another case', 'GET / HTTP/1.1\nhost: EXAMPLE.Com', 200],
    ['a trailing dot', 'GET / HTTP/1.1\nHost: example.com.', 200],
    ['any port', 'GET / HTTP/1.1\nHost: example.com:8080', 200],
    ['a port and a trailing dot', 'GET / HTTP/1.1\nHost: example.com.:443', 200],
    ['another host', 'GET / HTTP/1.1\nHost: evil.com', 400],
    ['a host that ends alike', 'GET / HTTP/1.1\nHost: evilexample.com', 400],
    ['a host that begins alike', 'GET / HTTP/1.1\nHost: example.com.evil.com', 400],
    ['a subdomain that is not listed', 'GET / HTTP/1.1\nHost: www.example.com', 400],
    ['the apex of .api.example.com', 'GET / HTTP/1.1\nHost: api.example.com', 200],
    ['below .api.example.com', 'GET / HTTP/1.1\nHost: a.b.api.example.com', 200],
    ['the apex of *.cdn.example.com', 'GET / HTTP/1.1\nHost: cdn.example.com', 400],
    ['below *.cdn.example.com', 'GET / HTTP/1.1\nHost: a.cdn.example.com', 200],
    ['below a wildcard with its port', 'GET / HTTP/1.1\nHost: a.static.example.com:8443', 200],
    ['below a wildcard with another port', 'GET / HTTP/1.1\nHost: a.static.example.com:8080', 400],
    ['below a wildcard without its port', 'GET / HTTP/1.1\nHost: a.static.example.com', 400],
    ['the port of an entry', 'GET / HTTP/1.1\nHost: admin.example.com:8443', 200],
    ['another port than that of an entry', 'GET / HTTP/1.1\nHost: admin.example.com', 400],
    ['user information', 'GET / HTTP/1.1\nHost: example.com@evil.com', 400],
    ['user information before ours', 'GET / HTTP/1.1\nHost: evil.com@example.com', 400],
    ['a port that is none', 'GET / HTTP/1.1\nHost: example.com:bad', 400],
    ['a port out of range', 'GET / HTTP/1.1\nHost: example.com:70000', 400],
    ['an empty port', 'GET / HTTP/1.1\nHost: example.com:', 400],
    ['two ports', 'GET / HTTP/1.1\nHost: example.com:80:80', 400],
    ['a path', 'GET / HTTP/1.1\nHost: example.com/evil', 400],
    ['percent encoding', 'GET / HTTP/1.1\nHost: example%2ecom', 400],
    ['two hosts in one header', 'GET / HTTP/1.1\nHost: example.com, evil.com', 400],
    ['a space', 'GET / HTTP/1.1\nHost: example.com evil.com', 400],
    ['an empty host', 'GET / HTTP/1.1\nHost:', 400],
    ['an IPv6 address', 'GET / HTTP/1.1\nHost: [::1]:3000', 200],
    ['another IPv6 address', 'GET / HTTP/1.1\nHost: [::2]', 400],
    ['an IPv6 address with a zone', 'GET / HTTP/1.1\nHost: [::1%25eth0]', 400],
    ['an IPv6 address that does not end', 'GET / HTTP/1.1\nHost: [::1', 400],
    ['an IPv4 address', 'GET / HTTP/1.1\nHost: 127.0.0.1', 200],
    ['the same address as a number', 'GET / HTTP/1.1\nHost: 2130706433', 400],
    ['two Host headers, ours first', 'GET / HTTP/1.1\nHost: example.com\nHost: evil.com', 400],
    ['two Host headers, ours last', 'GET / HTTP/1.1\nHost: evil.com\nHost: example.com', 400],
    ['two Host headers alike', 'GET / HTTP/1.1\nHost: example.com\nhost: example.com', 400],
    ['no Host in HTTP/1.1', 'GET / HTTP/1.1', 400],
    ['no Host in HTTP/1.0', 'GET / HTTP/1.0', 400],
    ['Host in HTTP/1.0', 'GET / HTTP/1.0\nHost: example.com', 200],
    ['the absolute form', 'GET http://example.com/ HTTP/1.1\nHost: example.com', 200],
    ['the absolute form of another host', 'GET http://evil.com/ HTTP/1.1\nHost: example.com', 400],
    ['the absolute form, another host in Host', 'GET http://example.com/ HTTP/1.1\nHost: evil.com', 400],
    ['the absolute form with user information', 'GET http://x@example.com/ HTTP/1.1\nHost: example.com', 400],
    ['the asterisk form', 'OPTIONS * HTTP/1.1\nHost: example.com', 200],
    [
      'X-Forwarded-Host where no proxy is trusted',
      'GET / HTTP/1.1\nHost: example.com\nX-Forwarded-Host: evil.com',
      200,
    ],
    [
      'ours in X-Forwarded-Host where none is trusted',
      'GET / HTTP/1.1\nHost: evil.com\nX-Forwarded-Host: example.com',
      400,
    ],
  ])('[SE-4] A6 %s', async (_case, head, status) => expect((await send(head)).status).toBe(status))

  it.each<[string, string, number]>([
    ['ours', 'GET / HTTP/1.1\nHost: 10.0.0.5:3000\nX-Forwarded-Host: example.com', 200],
    ['another', 'GET / HTTP/1.1\nHost: example.com\nX-Forwarded-Host: evil.com', 400],
    ['several in one', 'GET / HTTP/1.1\nHost: example.com\nX-Forwarded-Host: example.com, evil.com', 400],
    ['several', 'GET / HTTP/1.1\nHost: example.com\nX-Forwarded-Host: example.com\nX-Forwarded-Host: example.com', 400],
    ['none', 'GET / HTTP/1.1\nHost: example.com', 200],
  ])('[SE-4] A6 behind a trusted proxy, X-Forwarded-Host: %s', async (_case, head, status) => {
    expect((await send(head, { trust: 1 })).status).toBe(status)
    expect((await send(head, { trust: 'loopback' })).status).toBe(status)
  })

  it('[SE-4] A6 does not believe X-Forwarded-Host of a peer that is not the proxy', async () => {
    const trust = '10.0.0.0/8'
    const forged = await send('GET / HTTP/1.1\nHost: example.com\nX-Forwarded-Host: evil.com', { trust })
    expect(forged).toEqual({ status: 200, body: 'host=example.com' })
    expect((await send('GET / HTTP/1.1\nHost: evil.com\nX-Forwarded-Host: example.com', { trust })).status).toBe(400)
  })

  it('[SE-4] answers probes under any host, and nothing that only begins alike', async () => {
    expect((await send('GET /health/liveness HTTP/1.1\nHost: 10.1.2.3:3000')).status).toBe(200)
    expect((await send('GET /health HTTP/1.1\nHost: 10.1.2.3:3000')).status).toBe(200)
    expect((await send('GET /healthy HTTP/1.1\nHost: 10.1.2.3:3000')).status).toBe(400)
    expect((await send('GET /health HTTP/1.1\nHost: 10.1.2.3:3000', { exempt: [] })).status).toBe(400)
    expect((await send('GET /ping?x HTTP/1.1\nHost: 10.1.2.3:3000', { exempt: ['/ping/'] })).status).toBe(200)
  })

  it('[SE-4] tells which rule was broken, without the host', async () => {
    const { body } = await send('GET / HTTP/1.1\nHost: evil.com')
    expect(JSON.parse(body)).toMatchObject({ code: 'ERR_SECURITY_HOST' })
    expect(body).not.toContain('evil')
    await send('GET / HTTP/1.1\nHost: example.com\nHost: evil.com')
    await send('GET http://evil.com/ HTTP/1.1\nHost: example.com')
    await send('GET / HTTP/1.1\nHost: x\nX-Forwarded-Host: evil.com', { trust: true })
    expect(found.map(({ kind, rule, field }) => [kind, rule, field])).toEqual([
      ['host', 'unknown-host', 'header.host'],
      ['host', 'several-hosts', 'header.host'],
      ['host', 'target-and-host-differ', 'header.host'],
      ['host', 'unknown-forwarded-host', 'header.x-forwarded-host'],
    ])
  })

  it('[SE-4] goes on to tell hosts apart when it has let in others below a wildcard', async () => {
    const { url } = await serve(express, (app) =>
      app.use(trustedHosts({ hosts: ['.example.com'] })).get('/', (_req, res) => void res.send('ok')),
    )
    const { port } = new URL(url)
    for (const host of [...Array(10).keys(), 0, 'evil.com/'].map((n) => `h${n}.example.com`)) {
      const answer = await raw(Number(port), `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect([host, statusOf(answer)]).toEqual([host, host.includes('/') ? 400 : 200])
    }
  })
})

it('[SE-4] remembers no endless number of hosts', () => {
  const known = new KnownHosts(() => true, 3)
  for (let count = 0; count < 100; count++) {
    expect(known.has(`h${count}.example.com`)).toBe(true)
    expect(known.size).toBeLessThanOrEqual(3)
  }
})

describe('options of trustedHosts', () => {
  it.each<[string, unknown]>([
    ['hosts', undefined],
    ['hosts', {}],
    ['hosts', { hosts: [] }],
    ['hosts', { hosts: 'example.com' }],
    ['hosts[0]', { hosts: ['*'] }],
    ['hosts[0]', { hosts: ['https://example.com'] }],
    ['hosts[1]', { hosts: ['a', 'a b'] }],
    ['hosts[0]', { hosts: [null] }],
    ['exempt', { hosts: ['a'], exempt: '/health' }],
    ['exempt[0]', { hosts: ['a'], exempt: ['health'] }],
    ['allow', { hosts: ['a'], allow: true }],
  ])('[SE-4] refuses a wrong `%s` at creation', (option, options) => {
    let error: unknown
    try {
      trustedHosts(options as never)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ factory: 'trustedHosts', option })
  })

  it('[SE-4] undefined means omitted', () => {
    expect(() => trustedHosts({ hosts: ['a'], exempt: undefined as never })).not.toThrow()
  })
})
