import { describe, expect, it } from '@jest/globals'
import { RedisUnavailableError } from '@hardening/core'
import { classifier, firstOf, parseRetryAfter, type ClassifierName, type Judgement } from '../src/index.js'
import { failure, FakeClock } from './support.js'

const clock = new FakeClock(Date.UTC(2026, 0, 1))

function judge(name: ClassifierName, properties: object, message?: string): Judgement {
  return classifier(name, clock).error(failure(properties, message))
}

/** A word for what a judgement says. */
function meaning({ retry, failure, noEffect, ignore }: Judgement): string {
  if (ignore === true) return 'ignored'
  const counted = failure ? 'counted' : 'not counted'
  return `${counted}, ${retry ? (noEffect === true ? 'retry always' : 'retry') : 'no retry'}`
}

describe('classifiers', () => {
  it.each([
    ['40001', 'not counted, retry always'],
    ['40P01', 'not counted, retry always'],
    ['55P03', 'not counted, retry always'],
    ['53300', 'counted, retry always'],
    ['57P03', 'counted, retry always'],
    ['57P01', 'counted, retry'],
    ['08006', 'counted, retry'],
    ['53100', 'counted, retry'],
    ['58030', 'counted, retry'],
    ['57014', 'counted, no retry'],
    ['XX001', 'counted, no retry'],
    ['23505', 'not counted, no retry'],
    ['42601', 'not counted, no retry'],
    ['22P02', 'not counted, no retry'],
  ])('[RE-4] Postgres %s: %s', (code, expected) => {
    expect(meaning(judge('postgres', { code, severity: 'ERROR' }))).toBe(expected)
    expect(meaning(judge('standard', { code, severity: 'ERROR' }))).toBe(expected)
  })

  it.each([
    ['timeout exceeded when trying to connect', 'counted, retry always'],
    ['Connection terminated due to connection timeout', 'counted, retry always'],
    ['Connection terminated unexpectedly', 'counted, retry'],
    ['Query read timeout', 'counted, retry'],
  ])('[RE-4] node-postgres "%s": %s', (message, expected) => {
    expect(meaning(judge('postgres', {}, message))).toBe(expected)
  })

  it.each([
    ['LOADING Redis is loading the dataset in memory', 'counted, retry always'],
    ['READONLY You cannot write against a read only replica.', 'counted, retry always'],
    ['OOM command not allowed when used memory', 'counted, retry always'],
    ['CLUSTERDOWN The cluster is down', 'counted, retry always'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'counted, retry always'],
    ['MISCONF Redis is configured to save RDB snapshots', 'counted, no retry'],
    ['WRONGTYPE Operation against a key', 'not counted, no retry'],
    ['ERR unknown command', 'not counted, no retry'],
    ['NOAUTH Authentication required.', 'not counted, no retry'],
  ])('[RE-4] Redis "%s": %s', (message, expected) => {
    expect(meaning(judge('redis', { name: 'ReplyError' }, message))).toBe(expected)
    expect(meaning(judge('redis', { name: 'SimpleError' }, message))).toBe(expected)
  })

  it.each([
    ['Connection is closed.', 'counted, retry'],
    ['Command timed out', 'counted, retry'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'counted, retry always'],
    ['Reached the max retries per request limit (which is 20)', 'counted, retry'],
  ])('[RE-4] ioredis "%s": %s', (message, expected) => {
    expect(meaning(judge('redis', {}, message))).toBe(expected)
  })

  it('[RE-4] the guard of Redis', () => {
    const meaningOf = (reason: 'timeout' | 'not-ready'): string =>
      meaning(classifier('redis').error(new RedisUnavailableError('main', reason)))
    expect(meaningOf('timeout')).toBe('counted, retry')
    expect(meaningOf('not-ready')).toBe('counted, retry always')
  })

  it.each([
    [400, 'not counted, no retry'],
    [404, 'not counted, no retry'],
    [408, 'counted, retry'],
    [425, 'counted, retry'],
    [429, 'counted, retry'],
    [500, 'counted, retry'],
    [501, 'counted, no retry'],
    [503, 'counted, retry'],
    [529, 'counted, retry'],
  ])('[RE-4] HTTP %i, of an error or an answer: %s', (status, expected) => {
    expect(meaning(judge('http', { status }))).toBe(expected)
    expect(meaning(judge('http', { statusCode: status }))).toBe(expected)
    expect(meaning(judge('http', { response: { status } }))).toBe(expected)
    const found = classifier('http').result(new Response(null, { status }))
    expect(meaning(found as Judgement)).toBe(expected)
  })

  it('[RE-4] HTTP answers below 400 are well, and statuses of other things mean nothing', () => {
    expect(classifier('http').result(new Response('ok'))).toBeUndefined()
    expect(classifier('http').result(undefined)).toBeUndefined()
    expect(classifier('standard').result({ status: 503 })).toBeUndefined()
    expect(meaning(judge('http', { status: 'broken' }))).toBe('counted, retry')
  })

  it.each([
    ['ECONNREFUSED', 'counted, retry always'],
    ['ENOTFOUND', 'counted, retry always'],
    ['EAI_AGAIN', 'counted, retry always'],
    ['UND_ERR_CONNECT_TIMEOUT', 'counted, retry always'],
    ['ECONNRESET', 'counted, retry'],
    ['EPIPE', 'counted, retry'],
    ['UND_ERR_SOCKET', 'counted, retry'],
    ['UND_ERR_HEADERS_TIMEOUT', 'counted, retry'],
    ['CERT_HAS_EXPIRED', 'counted, no retry'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'counted, no retry'],
  ])('[RE-4] network %s, also as the cause of fetch: %s', (code, expected) => {
    for (const name of ['standard', 'http', 'postgres', 'redis', 'llm'] as const) {
      expect(meaning(judge(name, { code }))).toBe(expected)
      const fetchFailed = new TypeError('fetch failed', { cause: failure({ code }) })
      expect(meaning(classifier(name).error(fetchFailed))).toBe(expected)
    }
  })

  it('[RE-4] a time-out while connecting has had no effect', () => {
    expect(meaning(judge('standard', { code: 'ETIMEDOUT', syscall: 'connect' }))).toBe('counted, retry always')
    expect(meaning(judge('standard', { code: 'ETIMEDOUT', syscall: 'read' }))).toBe('counted, retry')
  })

  it.each([
    ['a rate limit', { status: 429, error: { type: 'rate_limit_error' } }, 'counted, retry'],
    ['a used-up quota', { status: 429, code: 'insufficient_quota' }, 'counted, no retry'],
    ['an overload', { status: 529, error: { type: 'error', error: { type: 'overloaded_error' } } }, 'counted, retry'],
    ['an overload in a stream', { error: { type: 'overloaded_error' } }, 'counted, retry'],
    ['a question too long', { status: 400, code: 'context_length_exceeded' }, 'not counted, no retry'],
    ['a refused content', { status: 400, code: 'content_filter' }, 'not counted, no retry'],
    ['a lost connection', { name: 'APIConnectionError', cause: failure({ code: 'ECONNRESET' }) }, 'counted, retry'],
    ['a time-out', { name: 'APIConnectionTimeoutError' }, 'counted, retry'],
    ['an abort by the user', { name: 'APIUserAbortError' }, 'ignored'],
    ['a wrong key', { status: 401 }, 'not counted, no retry'],
    ['x-should-retry: false', { status: 503, headers: { 'x-should-retry': 'false' } }, 'counted, no retry'],
    ['x-should-retry: true', { status: 409, headers: { 'x-should-retry': 'true' } }, 'not counted, retry'],
  ])('[RE-4] LLM, %s', (_, properties, expected) => {
    expect(meaning(judge('llm', properties))).toBe(expected)
  })

  it('[RE-4] LLM: waits of milliseconds and seconds are followed', () => {
    expect(judge('llm', { status: 429, headers: { 'retry-after-ms': '1500' } }).retryAfterMs).toBe(1500)
    expect(judge('llm', { status: 429, headers: new Headers({ 'Retry-After': '3' }) }).retryAfterMs).toBe(3000)
    const answer = new Response(null, { status: 429, headers: { 'retry-after': '4' } })
    expect(classifier('llm').result(answer)?.retryAfterMs).toBe(4000)
  })

  it('[RE-4] aborts and mistakes in the program say nothing about a service', () => {
    const { error } = classifier('standard')
    for (const found of [new DOMException('gone', 'AbortError'), new TypeError('x'), new RangeError('x')]) {
      expect(meaning(error(found))).toBe('ignored')
    }
    expect(meaning(error(new DOMException('slow', 'TimeoutError')))).toBe('counted, retry')
  })

  it('[RE-4] what nobody knows is counted, and tried again where that does no harm; nothing throws', () => {
    const { error } = classifier('standard')
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no')
        },
      },
    )
    for (const found of [new Error('x'), 'text', null, undefined, 7, hostile]) {
      expect(meaning(error(found))).toBe('counted, retry')
    }
  })

  it('[RE-4] never and always', () => {
    expect(meaning(judge('never', { status: 503 }))).toBe('counted, no retry')
    expect(meaning(judge('always', { status: 404 }))).toBe('counted, retry')
  })

  it('[RE-4] the first classifier that knows an error decides', () => {
    const own = firstOf({ error: (error) => (error === 'mine' ? { retry: false, failure: false } : undefined) })
    expect(meaning(own.error('mine'))).toBe('not counted, no retry')
    expect(meaning(own.error('other'))).toBe('counted, retry')
  })

  it('[RE-1] Retry-After: seconds or a date, and nothing else', () => {
    const now = Date.UTC(2026, 0, 1)
    expect(parseRetryAfter('120', now)).toBe(120_000)
    expect(parseRetryAfter(' 5 ', now)).toBe(5000)
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000)
    expect(parseRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
    for (const wrong of ['', '-1', '1.5', '1e3', 'soon', '2026-01-01', 'Thu, 99 Foo 2026 00:01:00 GMT', undefined]) {
      expect(parseRetryAfter(wrong, now)).toBeUndefined()
    }
  })
})
