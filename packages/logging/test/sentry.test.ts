import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import type express5 from 'express'
import * as Sentry from '@sentry/node'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { ConfigError, HttpError, exchangeOf, fuse, requestContext, stepsOf } from '@hardening/core'
import { listen, until, type Listening } from '@hardening/test-utils'
import { createSentryReporter, type SentryLike, type SentryReporter, type SentryReporterOptions } from '../src/index.js'
import { versions } from './support.js'

jest.setTimeout(30_000)

const CANARY = 'hunter2Canary99'
type Event = Record<string, unknown> & { tags?: Record<string, unknown>; exception?: { values: { value: string }[] } }

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

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

function reporterTo(dsn: string | undefined, more: Partial<SentryReporterOptions> = {}): SentryReporter {
  const reporter = createSentryReporter({
    sentry: Sentry,
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

describe.each(versions)('createSentryReporter on %s', (_name, express) => {
  it('[LO-5] E10 one event a 5xx with request id and release, none for a 4xx, no secret', async () => {
    const { events, raw, dsn } = await ingest()
    const reporter = reporterTo(dsn)
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
    const reporter = reporterTo(dsn, { flushTimeout: 100 })
    const { url } = await appWith(express, reporter)
    for (let at = 0; at < 5; at++) expect((await fetch(`${url}/fails`)).status).toBe(500)
    await until(() => raw.length > 0)
    await reporter.flush()
    await reporter.close()
  })
})

describe('createSentryReporter', () => {
  const fake = () => {
    const calls: [string, ...unknown[]][] = []
    const sentry: SentryLike = {
      init: (options) => void calls.push(['init', options]),
      captureException: (error, context) => {
        calls.push(['capture', error, context])
        return 'id'
      },
      flush: () => new Promise(() => undefined),
      close: () => Promise.reject(new Error('no')),
    }
    return { calls, sentry }
  }
  const dsn = 'http://pub@127.0.0.1:1/42'

  it.each([undefined, ''])('[LO-5] is off without a DSN (%s): nothing is started or sent', async (none) => {
    const { calls, sentry } = fake()
    const reporter = createSentryReporter({ sentry, dsn: none })
    reporter.report(new Error('x'))
    await Promise.all([reporter.flush(), reporter.close()])
    expect([reporter.enabled, calls]).toEqual([false, []])
  })

  it('[LO-5] reports a crash once, also where request and process both tell of it', () => {
    const { calls, sentry } = fake()
    const reporter = createSentryReporter({ sentry, dsn })
    const error = new Error('crash')
    for (let at = 0; at < 3; at++) reporter.report(error)
    reporter.report(Object.assign(new Error('theirs'), { statusCode: 404 }))
    reporter.report(new HttpError(422, 'theirs'))
    reporter.report('a text')
    reporter.report(new HttpError(503, 'ours'))
    expect(calls.filter(([what]) => what === 'capture').map(([, what]) => (what as Error).message ?? what)).toEqual([
      'crash',
      'a text',
      'ours',
    ])
  })

  it('[LO-5] flush and close end in their time, whatever Sentry does', async () => {
    const { sentry } = fake()
    const reporter = createSentryReporter({ sentry, dsn, flushTimeout: 5 })
    expect(await Promise.all([reporter.flush(), reporter.close()])).toEqual([undefined, undefined])
  })

  it('[LO-5] a Sentry that throws is no failure of its own', () => {
    const { sentry } = fake()
    sentry.captureException = () => {
      throw new Error('no')
    }
    expect(() => createSentryReporter({ sentry, dsn }).report(new Error('x'))).not.toThrow()
  })

  it('[LO-5] traces by setting, and keeps personal data unless asked for it', () => {
    const { calls, sentry } = fake()
    createSentryReporter({ sentry, dsn })
    createSentryReporter({ sentry, dsn, tracesSampleRate: 0.2, dangerouslySendPersonalData: true })
    const [plain, open] = calls.map(([, options]) => options as Record<string, unknown>)
    expect(plain).toMatchObject({ sendDefaultPii: false, dataCollection: { httpBodies: [], cookies: false } })
    expect(plain).not.toHaveProperty('tracesSampleRate')
    expect(open).toMatchObject({ tracesSampleRate: 0.2 })
    expect(open).not.toHaveProperty('dataCollection')
  })

  it.each<[string, unknown]>([
    ['sentry', { dsn }],
    ['option', { sentry: fake().sentry, key: 1 }],
    ['tracesSampleRate', { sentry: fake().sentry, tracesSampleRate: 2 }],
    ['flushTimeout', { sentry: fake().sentry, flushTimeout: 0 }],
    ['release', { sentry: fake().sentry, release: '' }],
  ])('[LO-5] refuses a wrong %s', (_what, options) => {
    expect(() => createSentryReporter(options as SentryReporterOptions)).toThrow(ConfigError)
  })
})
