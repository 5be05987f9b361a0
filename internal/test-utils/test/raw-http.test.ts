import { describe, expect, it } from '@jest/globals'
import { listen, rawHttp, type App } from '../src/index.js'

async function reply(app: App, bytes: string, options?: Parameters<typeof rawHttp>[2]): ReturnType<typeof rawHttp> {
  const served = await listen(app)
  try {
    return await rawHttp(served.url, bytes, options)
  } finally {
    await served.close()
  }
}

describe('rawHttp', () => {
  it('[RP-1] returns status, header lines as sent and body of a kept-alive response', async () => {
    const got = await reply(
      (_req, res) => res.setHeader('X-Two', 'a: b').end('hello'),
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    expect(got.status).toBe(200)
    expect(got.headerLines).toContainEqual(['X-Two', 'a: b'])
    expect(got.header('content-LENGTH')).toBe('5')
    expect(got.body).toBe('hello')
    expect(got.isClosed).toBe(false)
  })

  it('[RP-1] reads a chunked response to its last chunk', async () => {
    const got = await reply((_req, res) => {
      res.write('one')
      setImmediate(() => res.end('two'))
    }, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(got.body).toBe('3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n')
  })

  it('[RP-1] does not wait for a body that a status never has', async () => {
    const got = await reply((_req, res) => res.writeHead(204).end(), 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect([got.status, got.body]).toEqual([204, ''])
  })

  it('[RP-1] sends what no client would send, and sees the server hang up', async () => {
    const got = await reply((_req, res) => res.end(), 'GET / HTTP/1.1\r\nHost: a\r\nBad\u0000: 1\r\n\r\n')
    expect(got.status).toBe(400)
  })

  it('[RP-1] returns what has come when the server keeps silent', async () => {
    const got = await reply(() => undefined, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', { within: 20 })
    expect(got).toMatchObject({ text: '', status: undefined, isClosed: false })
  })

  it('[RP-1] fails where nobody listens', async () => {
    const served = await listen((_req, res) => res.end())
    await served.close()
    await expect(rawHttp(served.url, 'GET / HTTP/1.1\r\n\r\n')).rejects.toThrow(/ECONNREFUSED/)
  })
})
