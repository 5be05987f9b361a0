import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type express5 from 'express'
import { afterEach, describe, expect, it } from '@jest/globals'
import { HttpError, exchangeOf, fuse, requestContext, stepsOf } from '@hardening/core'
import { freePort, listen, until, type Listening } from '@hardening/test-utils'
import { createSentryReporter, type SentryLike, type SentryReporter, type SentryReporterOptions } from '../src/index.js'
import { versions } from './support.js'

const CANARY = 'hunter2Canary99'
type Event = Record<string, unknown> & { tags?: Record<string, unknown>; exception?: { values: { value: string }[] } }

const cleanups: (() => unknown)[] = []

/** Takes envelopes as Sentry's own server does, or behaves as badly as `answer` says. */
async function ingest(answer: (res: ServerResponse) => void = (res) => void res.end('{}')) {
  const events: Event[] = []
  const raw: string[] = []
  const server: Server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body = Buffer.concat(chunks)
      const text = (body[0] === 0x1f ? gunzipSync(body) : body).toString()
      raw.push(text)
      const lines = text.split('\n').filter((line) => line !== '')
      for (let at = 1; at + 1 < lines.length; at += 2) {
        if ((JSON.parse(lines[at] as string) as { type: string }).type !== 'event') continue
        events.push(JSON.parse(lines[at + 1] as string) as Event)
      }
      answer(res)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { events, raw, dsn: `http://pub@127.0.0.1:${port}/42` }
}

function reporterTo(
  sentry: SentryLike,
  dsn: string | undefined,
  more: Partial<SentryReporterOptions> = {},
): SentryReporter {
  const reporter = createSentryReporter({
    sentry,
    dsn,
    release: 'shop@1.2.3',
    environment: 'test',
    flushTimeout: 2_000,
    ...more,
  })
  cleanups.push(() => reporter.close())
  return reporter
}

async function appWith(express: (typeof versions)[0][1], reporter: SentryReporter): Promise<Listening> {
  const app = express()
  app.use(fuse([requestContext(), reporter.middleware].flatMap((part) => [...stepsOf(part)])))
  app.get('/fails', () => {
    throw new Error(`no connection to postgres://u:${CANARY}@db, password=${CANARY}`)
  })
  app.get('/conflict', () => {
    throw new HttpError(409, 'It exists.')
  })
  app.get('/told', (_req, res) => void res.status(503).send('later'))
  app.use(((error: { status?: number }, _req: unknown, res: express5.Response, _next: unknown) => {
    const exchange = exchangeOf(res)
    if (exchange !== undefined) exchange.error = error
    reporter.report(error)
    res.status(error.status ?? 500).send('failed')
  }) as express5.ErrorRequestHandler)
  const server = await listen(app)
  cleanups.push(() => server.close())
  return server
}

/** What holds for every version of Sentry that is supported; each runs in a file, and so in globals, of its own. */
export function sentrySuite(major: number, sentry: SentryLike): void {
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  describe.each(versions)(`@sentry/node ${major} on %s`, (_name, express) => {
    it('[LO-5] E10 one event a 5xx with request id and release, none for a 4xx, no secret', async () => {
      const { events, raw, dsn } = await ingest()
      const reporter = reporterTo(sentry, dsn)
      const { url } = await appWith(express, reporter)
      const headers = { 'x-request-id': 'r-500', cookie: `session=${CANARY}`, authorization: `Bearer ${CANARY}` }
      for (const path of [`/fails?token=${CANARY}`, '/conflict', '/nowhere', '/told']) {
        await (await fetch(`${url}${path}`, { headers })).text()
      }
      await reporter.flush()
      expect(events).toHaveLength(1)
      expect(events[0]).toMatchObject({ release: 'shop@1.2.3', environment: 'test', tags: { requestId: 'r-500' } })
      expect(events[0]?.exception?.values[0]?.value).toContain('no connection to')
      expect(raw.join('\n')).not.toContain(CANARY)
    })

    it.each<[string, (res: ServerResponse) => void]>([
      ['hangs', () => undefined],
      ['is out of order', (res) => void res.writeHead(500).end()],
      ['answers 429', (res) => void res.writeHead(429, { 'retry-after': '60' }).end()],
      ['breaks the connection', (res) => void res.destroy()],
    ])('[LO-5] E11 a Sentry that %s keeps no request and no end waiting', async (_how, answer) => {
      const { raw, dsn } = await ingest(answer)
      const reporter = reporterTo(sentry, dsn, { flushTimeout: 100 })
      const { url } = await appWith(express, reporter)
      for (let at = 0; at < 5; at++) expect((await fetch(`${url}/fails`)).status).toBe(500)
      await until(() => raw.length > 0)
      await reporter.flush()
      await reporter.close()
    })

    it('[LO-5] E11 a Sentry that is gone (nothing listens) keeps no request and no end waiting', async () => {
      const reporter = reporterTo(sentry, `http://pub@127.0.0.1:${await freePort()}/42`, { flushTimeout: 100 })
      const { url } = await appWith(express, reporter)
      for (let at = 0; at < 5; at++) expect((await fetch(`${url}/fails`)).status).toBe(500)
      await reporter.flush()
      await reporter.close()
    })
  })
}
