import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { createServer, request as secureRequest, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { RequestHandler } from 'express'
import { auditHeaders, csrfGuard, httpsRedirect, secureHeaders } from '../src/index.js'
import { selfSigned } from './certificate.js'
import { closeAll, serve, versions, type Express } from './apps.js'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  await closeAll()
})

async function serveTls(express: Express, ...handlers: RequestHandler[]): Promise<number> {
  const server = createServer(selfSigned(), express().use(...handlers))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Asks as a client does that trusts the certificate; follows no redirect. */
function ask(url: string, { body, ...options }: RequestOptions & { body?: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? secureRequest : plainRequest
    const request = send(url, { agent: false, rejectUnauthorized: false, ...options } as RequestOptions, (res) => {
      text(res).then((read) => resolve({ status: res.statusCode, headers: res.headers, body: read }), reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

describe.each(versions)('over real TLS on %s', (_, express) => {
  it('[SE-4] A7 a request that is redirected arrives with its method and body', async () => {
    const tlsPort = await serveTls(express, httpsRedirect(), (req, res) => {
      void text(req).then((body) => res.json({ method: req.method, url: req.originalUrl, body }))
    })
    const { url } = await serve(express, (app) => app.use(httpsRedirect({ port: tlsPort })))
    const sent = { method: 'PUT', body: 'the body' }
    const first = await ask(`${url}/things/1?a=b`, sent)
    expect(first.status).toBe(308)
    const second = await ask(first.headers.location as string, sent)
    expect(JSON.parse(second.body)).toEqual({ method: 'PUT', url: '/things/1?a=b', body: 'the body' })
  })

  it('[SE-1] HSTS and upgrade-insecure-requests are there outside production too', async () => {
    const port = await serveTls(express, secureHeaders({ production: false }), (_req, res) => void res.send('ok'))
    const { headers } = await ask(`https://127.0.0.1:${port}/`)
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains')
    expect(headers['content-security-policy']).toContain('upgrade-insecure-requests')
  })

  it('[SE-6] a page of the same host that came by plain HTTP may not send', async () => {
    const port = await serveTls(express, csrfGuard(), (_req, res) => void res.send('in'))
    const from = async (origin: string): Promise<number | undefined> =>
      (await ask(`https://127.0.0.1:${port}/`, { method: 'POST', headers: { Origin: origin } })).status
    expect(await from(`https://127.0.0.1:${port}`)).toBe(200)
    expect(await from(`http://127.0.0.1:${port}`)).toBe(403)
  })

  it('[SE-8] an audit sees that a certificate cannot be verified, and grades the rest', async () => {
    const page: RequestHandler = (_req, res) => void res.type('html').send('<!doctype html>')
    const port = await serveTls(express, secureHeaders(), page)
    const { findings, url } = await auditHeaders(`https://127.0.0.1:${port}/`)
    expect(url).toBe(`https://127.0.0.1:${port}/`)
    const results = findings.map(({ result }) => result)
    expect(results).toContain('hsts-certificate')
    expect(results).toContain('frames-by-policy')
  })

  it('[SE-8] an audit follows plain HTTP to HTTPS', async () => {
    const page: RequestHandler = (_req, res) => void res.type('html').send('<!doctype html>')
    const tlsPort = await serveTls(express, secureHeaders(), page)
    const { url } = await serve(express, (app) => app.use(httpsRedirect({ port: tlsPort })))
    const audit = await auditHeaders(url, { behindTls: false })
    expect(audit.url).toBe(`https://127.0.0.1:${tlsPort}/`)
    expect(audit.findings.map(({ result }) => result)).toContain('redirection-certificate')
  })
})
