import { describe, expect, it } from '@jest/globals'
import * as Sentry from '@sentry/node'
import { ConfigError, HttpError, runInContext, type RequestContext } from '@hardening/core'
import { createSentryReporter, type SentryLike, type SentryReporterOptions } from '../src/index.js'
import { sentrySuite } from './sentry-suite.js'

sentrySuite(11, Sentry)

function requestContextOf(requestId: string): RequestContext {
  const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 }
  return { requestId, trace, startedAt: 0, user: undefined, tenant: undefined } as RequestContext
}

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

  it('[LO-5] leaves out what hooks into every request, unless it traces', () => {
    const { calls, sentry } = fake()
    createSentryReporter({ sentry, dsn })
    createSentryReporter({ sentry, dsn, tracesSampleRate: 0.2 })
    const names = ['Http', 'NodeFetch', 'Express', 'Console', 'LinkedErrors', 'OnUncaughtException']
    const kept = calls.map(([, options]) => {
      const { integrations } = options as { integrations: (all: { name: string }[]) => { name: string }[] }
      return integrations(names.map((name) => ({ name }))).map(({ name }) => name)
    })
    expect(kept).toEqual([['LinkedErrors'], ['Http', 'NodeFetch', 'Express', 'Console', 'LinkedErrors']])
  })

  it('[LO-5] what Sentry reports of its own accord gets the ids of its request', () => {
    const { calls, sentry } = fake()
    createSentryReporter({ sentry, dsn, tracesSampleRate: 0.2 })
    const { beforeSend } = calls[0]![1] as { beforeSend: (event: object) => { tags?: Record<string, unknown> } }
    const context = requestContextOf('r-9')
    expect(runInContext(context, beforeSend, { tags: { own: 1 } }).tags).toEqual({
      own: 1,
      requestId: 'r-9',
      traceId: context.trace.traceId,
    })
    expect(runInContext(context, beforeSend, { tags: { requestId: 'r-1' } }).tags).toEqual({ requestId: 'r-1' })
    expect(beforeSend({}).tags).toBeUndefined()
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
