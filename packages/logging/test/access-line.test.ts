import { describe, expect, it } from '@jest/globals'
import { FakeClock } from '@hardening/test-utils'
import type { Exchange } from '@hardening/core'
import { accessLogRecord, accessTemplate } from '../src/access-line.js'
import { lineWriter } from '../src/line.js'
import { hundredths, millisecondsText, serverTiming, timestampText } from '../src/number-text.js'

const source = { service: 'shop "one"', version: '1.2', environment: 'prod\u2028uction' }

function exchange(own: Record<string, unknown> = {}): Exchange {
  const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 }
  const context = { requestId: 'r-1', user: undefined, trace, ...(own['context'] as object | undefined) }
  const method = 'GET'
  const x = { method, route: '/a/:id', status: 200, durationMs: 1.5, ip: '10.0.0.1', bytes: 12, aborted: false, ...own }
  return { ...x, context } as unknown as Exchange
}

describe('the line of a request', () => {
  const template = accessTemplate(source)
  const plain = lineWriter('json', source)
  const hostile = 'a"b\\c\r\n\u001b[31m\u0085\u2028é{"level":"error"}'
  const cases: [string, Record<string, unknown>][] = [
    ['as most are', {}],
    ['without an address', { ip: undefined }],
    ['with a user', { context: { user: hostile } }],
    ['with a request id of its own kind', { context: { requestId: hostile } }],
    ['with a route that has quotation marks', { route: hostile }],
    ['with an address that is none', { ip: hostile }],
    ['with a method that nobody knows', { method: hostile }],
    ['of a request that was given up', { aborted: true, status: 499 }],
    ['with a status that is none', { status: 1e9 }],
    ...[0, 1, 999, 1_024, 1_025, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 1e15].map(
      (bytes): [string, Record<string, unknown>] => [`of ${bytes} bytes`, { bytes }],
    ),
    ...[0, 0.001, 0.0004, 0.0005, 1.01, 1.1, 12.345_6, 999.9996, 1000, 123_456.789, 1e9, 5e12].map(
      (durationMs): [string, Record<string, unknown>] => [`that took ${durationMs} ms`, { durationMs }],
    ),
  ]

  it.each(cases)('[LO-3] the template says the same, letter for letter, as the other way: %s', (_case, own) => {
    for (const path of ['/a/7', hostile]) {
      for (const slow of [false, true]) {
        for (const level of ['info', 'warn', 'error'] as const) {
          const x = exchange(own)
          const time = Date.UTC(2026, 0, 1, 0, 0, 0, 7)
          const line = template(x, level, slow, path, time)
          expect(line).toBe(plain(accessLogRecord(x, level, slow, path, time)))
          expect(line).not.toMatch(/[\n\r\u001b\u0085\u2028]/)
        }
      }
    }
  })

  it('[LO-3] keeps texts of a thousand routes at most, and has the right one after that', () => {
    for (let at = 0; at < 3000; at++) {
      const line = template(exchange({ route: `/r${at}` }), 'info', false, '/', 0)
      expect(JSON.parse(line)).toMatchObject({ route: `/r${at}` })
    }
  })

  it('[LO-3] keeps texts of addresses, routes, statuses and sizes without ever taking one for another', () => {
    const lines = accessTemplate(source)
    for (let round = 0; round < 2; round++) {
      for (let at = 0; at < 2500; at++) {
        const own = { route: `/r${at % 1200}`, status: 200 + (at % 40), ip: `10.0.${at >> 8}.${at & 255}`, bytes: at }
        const x = exchange(own)
        expect(lines(x, 'info', false, '/', 0)).toBe(plain(accessLogRecord(x, 'info', false, '/', 0)))
      }
    }
  })

  it('[LO-3] ends where and as it is told', () => {
    const ended = accessTemplate(source, '\n')
    for (const own of [{}, { bytes: 123_456 }, { aborted: true }]) {
      const x = exchange(own)
      expect(ended(x, 'info', false, '/', 0)).toBe(`${template(x, 'info', false, '/', 0)}\n`)
    }
  })
})

describe('numbers as text', () => {
  it('[LO-1] times are those of Date, also when the clock goes back', () => {
    const text = timestampText()
    const clock = new FakeClock()
    for (const step of [0, 0, 1, 998, 1, 1, -1, -2_000, 86_400_000, 0.4, -5e12]) {
      const time = clock.now() + step
      expect(text(time)).toBe(new Date(time).toISOString())
    }
  })

  it('[LO-3] milliseconds are those of JSON', () => {
    for (let at = 0; at < 20_000; at++) {
      const ms = (at * 7919) / 1000 / 3
      expect(millisecondsText(ms)).toBe(String(Math.round(ms * 1000) / 1000))
    }
    for (const odd of [-1, -0.0001, NaN, Infinity])
      expect(millisecondsText(odd)).toBe(JSON.stringify(Math.round(odd * 1000) / 1000))
  })

  it('[LO-3] X-Process-Time has two digits behind the point', () => {
    for (let at = 0; at < 2000; at++) {
      const text = hundredths(at / 100)
      expect(text).toBe((at / 100).toFixed(2))
      expect(serverTiming(at / 100, text)).toBe(`app;dur=${text}`)
    }
    for (const ms of [0, 0.01, 0.1, 1, 9.99, 12.5, 100.25, 65_536]) expect(hundredths(ms)).toBe(ms.toFixed(2))
    for (const odd of [-1.5, 1e12]) expect(hundredths(odd)).toBe(odd.toFixed(2))
  })
})
