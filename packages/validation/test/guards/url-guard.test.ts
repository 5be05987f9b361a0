import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { request } from 'node:http'
import { ConfigError } from '@hardening/core'
import { listen, type Listening } from '@hardening/test-utils'
import { guardedFetch, urlGuard, UrlGuardError, type UrlGuardOptions } from '../../src/index.js'

const publicAddress = { address: '93.184.215.14', family: 4 } as const
const resolve = async () => [publicAddress]

const guarded = async (url: string, options: UrlGuardOptions = {}) => {
  try {
    return (await urlGuard(url, { resolve, ...options })).url.href
  } catch (error) {
    if (error instanceof UrlGuardError) return error.reason
    throw error
  }
}

describe('urlGuard', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://0x7f.1/',
    'http://017700000001/',
    'http://0/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://100.64.0.1/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[fe80::1]/',
    'http://[fc00::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://①②⑦.⓪.⓪.①/',
    'http://１２７.0.0.1/',
    'http://127。0。0。1/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://a.localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://intranet/',
    'http://user@example.com/',
    'http://user:pass@example.com/',
    'http://@example.com/',
    'http://example.com@127.0.0.1/',
    'http://example.com\\@127.0.0.1/',
    'http://example.com:22/',
    'http://example.com:6379/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://example.com/',
    'data:text/html,x',
    'javascript:alert(1)',
    'dict://example.com:11211/',
    'http:/example.com',
    'http:example.com',
    'http:///example.com',
    '//example.com',
    'example.com',
    '',
    ' http://example.com',
    'http://exam\tple.com/',
    'http://example.com\n/',
    'http://%31%32%37.0.0.1/',
    'http://exa%6dple.com/',
    'http://[::1%25eth0]/',
    'http://a_b..c/',
    `http://example.com/${'a'.repeat(3000)}`,
  ])('[VA-5] refuses %j', async (url) => {
    expect(await guarded(url)).not.toMatch(/^https?:/)
  })

  it.each([
    ['https://example.com', 'https://example.com/'],
    ['http://example.com:80/a?b=c#d', 'http://example.com/a?b=c#d'],
    ['https://93.184.215.14/', 'https://93.184.215.14/'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https://EXAMPLE.com./x@y', 'https://example.com./x@y'],
    ['https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/', 'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/'],
  ])('[VA-5] lets %s pass', async (url, expected) => {
    expect(await guarded(url)).toBe(expected)
  })

  it('[VA-5] refuses a name that stands for a private address, also among public ones', async () => {
    const inside = { address: '10.0.0.5', family: 4 } as const
    expect(await guarded('https://evil.example.com/', { resolve: async () => [inside] })).toBe(
      'leads to a private address',
    )
    expect(await guarded('https://evil.example.com/', { resolve: async () => [publicAddress, inside] })).toBe(
      'leads to a private address',
    )
    expect(
      await guarded('https://evil.example.com/', { resolve: async () => [{ address: '::ffff:127.0.0.1', family: 6 }] }),
    ).toBe('leads to a private address')
    expect(await guarded('https://evil.example.com/', { resolve: async () => [] })).toBe(
      'has a host that cannot be found',
    )
    expect(await guarded('https://evil.example.com/', { resolve: () => Promise.reject(new Error('ENOTFOUND')) })).toBe(
      'has a host that cannot be found',
    )
  })

  it('[VA-5] keeps to the hosts, ports and schemes that are allowed', async () => {
    const hosts = ['api.example.com', '*.cdn.example.com']
    expect(await guarded('https://api.example.com/', { hosts })).toMatch(/^https/)
    expect(await guarded('https://a.cdn.example.com/', { hosts })).toMatch(/^https/)
    expect(await guarded('https://cdn.example.com/', { hosts })).toBe('has a host that is not allowed')
    expect(await guarded('https://evil-api.example.com/', { hosts })).toBe('has a host that is not allowed')
    expect(await guarded('https://example.com:8443/', { ports: [8443] })).toMatch(/^https/)
    expect(await guarded('http://example.com/', { schemes: ['https'] })).toBe('has a scheme that is not allowed')
  })

  it('[VA-5] pins the addresses: a name that changes afterwards gains nothing', async () => {
    let asked = 0
    const { lookup } = await urlGuard('http://rebind.example.com/', { resolve: async () => (asked++, [publicAddress]) })
    const found = await new Promise((done) =>
      lookup('rebind.example.com', { all: true }, (error, list) => done(error ?? list)),
    )
    expect(found).toEqual([publicAddress])
    expect(asked).toBe(1)
    const other = await new Promise((done) => lookup('other.example.com', {}, (error) => done(error)))
    expect(other).toBeInstanceOf(UrlGuardError)
  })

  it('[VA-5] checks where a redirect leads', async () => {
    const target = await urlGuard('https://example.com/a/b', { resolve })
    expect((await target.redirect('../c')).url.href).toBe('https://example.com/c')
    for (const location of [
      'http://169.254.169.254/',
      'https://127.0.0.1/',
      'http://example.com/',
      'file:///etc/passwd',
      'https://u@example.com/',
      '/\\evil.example',
    ])
      await expect(target.redirect(location)).rejects.toBeInstanceOf(UrlGuardError)
  })

  it('[VA-5] throws for the client without the URL, and refuses wrong options', async () => {
    await expect(urlGuard('http://127.0.0.1/secret')).rejects.toMatchObject({
      status: 400,
      code: 'ERR_VALIDATION_URL_GUARD',
    })
    await expect(urlGuard('http://127.0.0.1/secret')).rejects.not.toThrow('secret')
    await expect(urlGuard('http://example.com', { port: 1 } as never)).rejects.toThrow(ConfigError)
    await expect(urlGuard('http://example.com', { ports: 80 as never })).rejects.toThrow(ConfigError)
    await expect(urlGuard('http://example.com', { resolve: true as never })).rejects.toThrow(ConfigError)
  })
})

describe('guardedFetch', () => {
  const servers: Listening[] = []
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
  })

  async function serve() {
    const seen: (string | undefined)[] = []
    const server = await listen((req, res) => {
      seen.push(req.headers['x-token'] as string | undefined)
      if (req.url === '/inside') return void res.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      if (req.url === '/moved') return void res.writeHead(302, { location: '/ok' }).end()
      if (req.url === '/round') return void res.writeHead(302, { location: '/round' }).end()
      if (req.url === '/large') return void res.end('x'.repeat(5000))
      if (req.url === '/slow') return
      if (req.url === '/drips') return void res.write('a')
      res.end('fine')
    })
    servers.push(server)
    const options = {
      ports: [server.port],
      dangerouslyAllowPrivate: ['files.example.com'],
      resolve: async () => [{ address: '127.0.0.1', family: 4 as const }],
    }
    return { base: `http://files.example.com:${server.port}`, options, seen }
  }

  it('[VA-5] fetches from the address that was checked, over redirects', async () => {
    const { base, options, seen } = await serve()
    const answer = await guardedFetch(`${base}/moved`, { ...options, headers: { 'x-token': 't' } })
    expect(answer).toMatchObject({ status: 200, url: new URL(`${base}/ok`) })
    expect(answer.body.toString()).toBe('fine')
    expect(seen).toEqual(['t', 't'])
  })

  it.each([
    ['a redirect inside', '/inside', {}],
    ['redirects without end', '/round', { maxRedirects: 2 }],
    ['an answer that is too large', '/large', { maxBytes: 1000 }],
  ])('[VA-5] refuses %s', async (_title, path, more) => {
    const { base, options } = await serve()
    await expect(guardedFetch(base + path, { ...options, ...more })).rejects.toBeInstanceOf(UrlGuardError)
  })

  it('[VA-5] gives up on what is too slow, whether it answers late, not to its end, or cannot be found', async () => {
    const { base, options } = await serve()
    const timeout = '100ms'
    for (const path of ['/slow', '/drips']) {
      await expect(guardedFetch(base + path, { ...options, timeout })).rejects.toMatchObject({
        code: 'ERR_VALIDATION_URL_GUARD',
        reason: 'answers too slowly',
      })
    }
    const resolve = (): Promise<never> => new Promise(() => undefined)
    await expect(guardedFetch(`${base}/ok`, { ...options, resolve, timeout })).rejects.toMatchObject({
      reason: 'answers too slowly',
    })
  })

  it('[VA-5] ends when its signal fires', async () => {
    const { base, options } = await serve()
    const controller = new AbortController()
    const answer = guardedFetch(`${base}/slow`, { ...options, signal: controller.signal })
    const settled = expect(answer).rejects.toThrow()
    controller.abort()
    await settled
    await expect(guardedFetch(`${base}/ok`, { ...options, signal: AbortSignal.abort() })).rejects.toThrow('aborted')
  })

  it('[VA-5] the pinned lookup works with node:http', async () => {
    const { base, options } = await serve()
    const { url, lookup } = await urlGuard(`${base}/ok`, options)
    const sent = request(url, { lookup, agent: false })
    sent.end()
    const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    expect(response.statusCode).toBe(200)
  })
})
