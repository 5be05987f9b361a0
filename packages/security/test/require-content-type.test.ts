import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import fc from 'fast-check'
import { requireContentType, type RequireContentTypeOptions } from '../src/index.js'
import { accepts, parseMediaType, type MediaType } from '../src/content/media-type.js'
import { closeAll, raw, serve, statusOf, threats, versions } from './apps.js'

afterEach(closeAll)

const post = (type: string | undefined, body = '{}'): RequestInit => ({
  method: 'POST',
  body: new TextEncoder().encode(body),
  headers: type === undefined ? {} : { 'Content-Type': type },
})

describe.each(versions)('requireContentType on %s', (_, express) => {
  const found = threats()

  async function request(options: RequireContentTypeOptions | undefined, init: RequestInit, path = '/') {
    const { url } = await serve(express, (app) =>
      app.use(requireContentType(options)).use((_req, res) => void res.json({ ok: true })),
    )
    return fetch(url + path, init)
  }

  it('[SE-5] A9 refuses text/plain for a JSON route with 415, before it is parsed, and says what it takes', async () => {
    const res = await request(undefined, post('text/plain'))
    expect(res.status).toBe(415)
    expect(await res.json()).toMatchObject({ code: 'ERR_SECURITY_CONTENT_TYPE' })
    expect(res.headers.get('accept')).toBe('application/json, application/*+json')
    expect(found).toMatchObject([{ kind: 'content-type', field: 'header.content-type' }])
  })

  it.each<[string | undefined, number]>([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset=utf-8', 200],
    ['application/problem+json', 200],
    ['application/vnd.api+json; ext=x', 200],
    ['application/jsonp', 415],
    ['application/x-json', 415],
    ['text/plain; application/json', 415],
    ['text/plain, application/json', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application', 415],
    ['', 415],
    [undefined, 415],
  ])('[SE-5] A9 takes %p by default: %d', async (type, status) => {
    expect((await request({}, post(type))).status).toBe(status)
  })

  it.each(['GET', 'DELETE', 'POST'])('[SE-5] lets %s without a body through', async (method) => {
    expect((await request({}, { method })).status).toBe(200)
  })

  it('[SE-5] looks at the body of any method, and at one of unknown length', async () => {
    const { port } = await serve(express, (app) =>
      app.use(requireContentType()).use((_req, res) => void res.send('ok')),
    )
    const head = 'Host: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain'
    expect(statusOf(await raw(port, `DELETE / HTTP/1.1\r\n${head}\r\n\r\n0\r\n\r\n`))).toBe(415)
  })

  it('[SE-5] refuses two Content-Type headers', async () => {
    const { port } = await serve(express, (app) =>
      app.use(requireContentType()).use((_req, res) => void res.send('ok')),
    )
    const types = 'Content-Type: application/json\r\nContent-Type: text/xml'
    const head = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n${types}`
    expect(statusOf(await raw(port, `${head}\r\n\r\n{}`))).toBe(415)
  })

  it.each<[string | undefined, number]>([
    ['image/png', 406],
    ['text/html, image/*;q=0.8', 406],
    ['application/json;q=0', 406],
    ['*/*, application/json;q=0', 406],
    ['application/*;q=0.0, */*', 406],
    ['application/json', 200],
    ['application/*', 200],
    ['text/html, */*;q=0.1', 200],
    ['application/json ; q=0.5', 200],
    ['APPLICATION/JSON', 200],
    ['', 200],
    ['nonsense', 200],
  ])('[SE-5] A9 with Accept: %s answers %d', async (accept, status) => {
    const init = { headers: { Accept: accept ?? '' } }
    expect((await request({ produce: ['application/json'] }, init)).status).toBe(status)
  })

  it('[SE-5] A9 tells by the code that nothing acceptable is there, and does not look where it was not asked to', async () => {
    const init = { headers: { Accept: 'image/png' } }
    const res = await request({ produce: ['application/json'] }, init)
    expect(await res.json()).toMatchObject({ code: 'ERR_SECURITY_NOT_ACCEPTABLE' })
    expect((await request({}, init)).status).toBe(200)
  })

  it('[SE-5] leaves exempt paths alone', async () => {
    expect((await request({ exempt: ['/upload'] }, post('image/png'), '/upload/1')).status).toBe(200)
  })

  it('[SE-5] takes the types that it is told', async () => {
    const options = { accept: ['application/x-www-form-urlencoded', 'image/*'] }
    expect((await request(options, post('image/png'))).status).toBe(200)
    expect((await request(options, post('application/json'))).status).toBe(415)
  })
})

describe('reading media types', () => {
  it('[SE-5] never throws, on any text', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (text) => void [parseMediaType(text), accepts(text, [parseMediaType('a/b') as MediaType])],
      ),
    )
  })
})

describe('options of requireContentType', () => {
  it.each<[string, unknown]>([
    ['accept', { accept: [] }],
    ['accept', { accept: 'application/json' }],
    ['accept[0]', { accept: ['json'] }],
    ['accept[0]', { accept: ['application/json; charset=utf-8'] }],
    ['produce', { produce: [] }],
    ['types', { types: [] }],
  ])('[SE-5] refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      requireContentType(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'requireContentType', option })
    }
  })
})
