import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { FakeClock } from '@hardening/test-utils'
import fc from 'fast-check'
import { cspReports, secureHeaders, type BrowserReport, type CspReportsOptions } from '../src/index.js'
import { readReports } from '../src/reports/browser-report.js'
import { closeAll, raw, serve, statusOf, threats, versions } from './apps.js'

afterEach(closeAll)

/** As a browser sends it by `report-uri`. */
const legacy = (more: object = {}): object => ({
  'csp-report': {
    'document-uri': 'https://user:secret@example.com/page?token=1#part',
    referrer: '',
    'violated-directive': 'script-src-elem',
    'effective-directive': 'script-src-elem',
    'original-policy': "default-src 'self'; report-uri /reports",
    disposition: 'enforce',
    'blocked-uri': 'https://evil.example/x.js?session=2',
    'line-number': 7,
    'column-number': 12,
    'source-file': 'https://example.com/app.js?v=3',
    'status-code': 200,
    'script-sample': '',
    ...more,
  },
})

/** As a browser sends it by the Reporting API. */
const modern = (body: object = {}, more: object = {}): object => ({
  age: 53531,
  body: {
    blockedURL: 'inline',
    columnNumber: 39,
    disposition: 'report',
    documentURL: 'https://example.com/csp-report?a=b',
    effectiveDirective: 'script-src-elem',
    lineNumber: 121,
    originalPolicy: "default-src 'self'; report-to csp-endpoint-name",
    referrer: 'https://www.google.com/',
    sample: 'console.log("lo")',
    sourceFile: 'https://example.com/csp-report',
    statusCode: 200,
    ...body,
  },
  type: 'csp-violation',
  url: 'https://example.com/csp-report?a=b',
  user_agent: 'Mozilla/5.0',
  ...more,
})

describe.each(versions)('cspReports on %s', (_, express) => {
  const found = threats()

  async function start(options: CspReportsOptions = {}, before: 'nothing' | 'json' | 'text' = 'nothing') {
    const reports: BrowserReport[] = []
    const collector = cspReports({ onReport: (report) => void reports.push(report), ...options })
    const { url, port } = await serve(express, (app) => {
      if (before === 'json') app.use(express.json({ type: () => true }))
      if (before === 'text') app.use(express.text({ type: () => true }))
      app.use('/reports', collector)
    })
    const send = (body: unknown, type = 'application/reports+json', init: RequestInit = {}): Promise<Response> =>
      fetch(`${url}/reports`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'Content-Type': type },
        ...init,
      })
    return { reports, collector, send, port, url }
  }

  it('[SE-2] takes what report-uri sends, without queries, fragments and user information', async () => {
    const { reports, send } = await start()
    const res = await send(legacy(), 'application/csp-report')
    expect(res.status).toBe(204)
    expect(reports).toEqual([
      {
        type: 'csp-violation',
        documentUrl: 'https://example.com/page',
        directive: 'script-src-elem',
        blocked: 'https://evil.example/x.js',
        disposition: 'enforce',
        sourceFile: 'https://example.com/app.js',
        line: 7,
        column: 12,
        sample: undefined,
        count: 1,
      },
    ])
  })

  it('[SE-2] takes what the Reporting API sends, several at once, of other types too', async () => {
    const { reports, send } = await start()
    const deprecation = {
      type: 'deprecation',
      age: 1,
      url: 'https://example.com/',
      body: { id: 'WebSQL', lineNumber: 1 },
    }
    expect((await send([modern(), deprecation])).status).toBe(204)
    expect(reports).toMatchObject([
      {
        type: 'csp-violation',
        documentUrl: 'https://example.com/csp-report',
        directive: 'script-src-elem',
        blocked: 'inline',
        disposition: 'report',
        line: 121,
        sample: 'console.log("lo")',
      },
      { type: 'deprecation', documentUrl: 'https://example.com/', directive: 'WebSQL' },
    ])
  })

  it.each(['json', 'text'] as const)('[SE-2] takes a body that express.%s() has read', async (before) => {
    const { reports, send } = await start({}, before)
    expect((await send(legacy(), 'application/csp-report')).status).toBe(204)
    expect(reports).toHaveLength(1)
  })

  it('[SE-2] tells of the same report once in ten minutes, then of how often it came', async () => {
    const clock = new FakeClock()
    const { reports, send, collector } = await start({ clock })
    for (let count = 0; count < 5; count++) await send([modern()])
    expect(reports.map(({ count }) => count)).toEqual([1])
    await send([modern({ lineNumber: 122 })])
    expect(reports.map(({ count }) => count)).toEqual([1, 1])
    await clock.advance(600_000)
    await send([modern()])
    expect(reports.map(({ count }) => count)).toEqual([1, 1, 5])
    expect(collector.counts()).toMatchObject({ received: 7, told: 3, repeated: 4 })
  })

  it('[SE-2] remembers no endless number of reports', async () => {
    const { reports, send } = await start({ remember: 2 })
    for (const line of [1, 2, 3, 1]) await send([modern({ lineNumber: line })])
    expect(reports.map(({ line }) => line)).toEqual([1, 2, 3, 1])
    await send([modern({ lineNumber: 3 })])
    expect(reports).toHaveLength(4)
  })

  it('[SE-2] looks at the share that it is told to', async () => {
    const chances = [0.05, 0.5, 0.0999, 0.1]
    const { reports, send, collector } = await start({ sample: 0.1, random: () => chances.shift() as number })
    for (const line of [1, 2, 3, 4]) await send([modern({ lineNumber: line })])
    expect(reports.map(({ line }) => line)).toEqual([1, 3])
    expect(collector.counts()).toMatchObject({ received: 4, told: 2, sampledOut: 2 })
  })

  it('[SE-2] looks at no more in a minute than it is told to', async () => {
    const clock = new FakeClock()
    const { reports, send, collector } = await start({ perMinute: 2, clock })
    for (const line of [1, 2, 3, 4]) await send([modern({ lineNumber: line })])
    expect(reports).toHaveLength(2)
    await clock.advance(60_000)
    await send([modern({ lineNumber: 5 })])
    expect(reports).toHaveLength(3)
    expect(collector.counts()).toMatchObject({ overLimit: 2, told: 3 })
  })

  it('[SE-2] leaves out what extensions cause', async () => {
    const { reports, send, collector } = await start()
    await send(legacy({ 'source-file': 'moz-extension://f00/content.js' }), 'application/csp-report')
    await send([modern({ blockedURL: 'chrome-extension://abc/inject.js' })])
    expect(reports).toEqual([])
    expect(collector.counts()).toMatchObject({ received: 2, ignored: 2 })
    const all = await start({ ignoreExtensions: false })
    await all.send([modern({ blockedURL: 'chrome-extension://abc/inject.js' })])
    expect(all.reports).toHaveLength(1)
  })

  it.each<[what: string, body: string, type: string, status: number, code: string]>([
    ['no JSON', '{', 'application/csp-report', 400, 'ERR_SECURITY_REPORT'],
    ['JSON of another kind', '{"a":1}', 'application/csp-report', 400, 'ERR_SECURITY_REPORT'],
    ['a number', '7', 'application/reports+json', 400, 'ERR_SECURITY_REPORT'],
    ['null', 'null', 'application/reports+json', 400, 'ERR_SECURITY_REPORT'],
    ['a list of others', '[1]', 'application/reports+json', 400, 'ERR_SECURITY_REPORT'],
    ['the word gone', '"gone"', 'application/json', 400, 'ERR_SECURITY_REPORT'],
    ['nothing', '', 'application/csp-report', 400, 'ERR_SECURITY_REPORT'],
    ['another type', '{}', 'text/plain', 415, 'ERR_SECURITY_CONTENT_TYPE'],
    ['too much', ' '.repeat(70_000), 'application/csp-report', 413, 'ERR_SECURITY_BODY_SIZE'],
  ])('[SE-2] refuses %s', async (_what, body, type, status, code) => {
    const { reports, send } = await start()
    const res = await send(body, type)
    expect(res.status).toBe(status)
    expect(await res.json()).toMatchObject({ code })
    expect(reports).toEqual([])
  })

  it('[SE-2] refuses a chunked body that is too large', async () => {
    const { port } = await start({ body: '1kb' })
    const head = 'POST /reports HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked'
    const body = `800\r\n${' '.repeat(0x800)}\r\n0\r\n\r\n`
    expect(statusOf(await raw(port, `${head}\r\nContent-Type: application/csp-report\r\n\r\n${body}`))).toBe(413)
  })

  it('[SE-2] reads no more reports of one body than it is told to', async () => {
    const { reports, send } = await start({ perBody: 3 })
    await send(Array.from({ length: 10 }, (_x, line) => modern({ lineNumber: line })))
    expect(reports).toHaveLength(3)
  })

  it('[SE-2] answers the preflight of a page of another origin, and 405 to other methods', async () => {
    const { url } = await start()
    const asked = await fetch(`${url}/reports`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://other.example', 'Access-Control-Request-Method': 'POST' },
    })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-headers')).toBe('Content-Type')
    const got = await fetch(`${url}/reports`)
    expect(got.status).toBe(405)
    expect(got.headers.get('allow')).toBe('POST, OPTIONS')
  })

  it('[SE-2] tells those who listen', async () => {
    const { send } = await start()
    await send([modern()])
    expect(found).toMatchObject([{ kind: 'csp-violation', rule: 'script-src-elem', field: 'browser', blocked: false }])
  })

  it('[SE-2] goes on where onReport fails', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const broken = await start({
      onReport: () => {
        throw new Error('no log')
      },
    })
    expect((await broken.send([modern()])).status).toBe(204)
    const rejecting = await start({ onReport: () => Promise.reject(new Error('no log')) })
    expect((await rejecting.send([modern()])).status).toBe(204)
    expect(warning.mock.calls.filter(([text]) => String(text).includes('no log'))).toHaveLength(2)
    warning.mockRestore()
  })

  it('[SE-2] is where secureHeaders sends browsers to', async () => {
    const { url } = await serve(express, (app) => {
      app.use(secureHeaders({ reportingEndpoints: { csp: '/reports' }, contentSecurityPolicy: { reportTo: 'csp' } }))
      app.post('/reports', cspReports())
      app.get('/', (_req, res) => void res.send('page'))
    })
    const page = await fetch(url)
    const [, path] = /^csp="([^"]+)"$/.exec(page.headers.get('reporting-endpoints') as string) as RegExpExecArray
    expect(page.headers.get('content-security-policy')).toMatch(/;report-uri \/reports;report-to csp$/)
    const init = {
      method: 'POST',
      body: JSON.stringify(legacy()),
      headers: { 'Content-Type': 'application/csp-report' },
    }
    expect((await fetch(url + (path as string), init)).status).toBe(204)
  })
})

describe('reading reports', () => {
  it('[SE-2] never throws, on any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void readReports(value, 10)))
    const field = fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true }), fc.integer(), fc.constant(null))
    fc.assert(
      fc.property(field, field, (a, b) => {
        for (const report of readReports([modern({ blockedURL: a, documentURL: b })], 1) ?? []) {
          expect(JSON.stringify(report)).not.toMatch(/[\n\r\u2028]/)
          if (String(a).startsWith('http')) expect(report.blocked).not.toContain('?')
        }
      }),
    )
  })

  it('[SE-2] shortens what is too long', () => {
    const [report] = readReports([modern({ sample: 'x'.repeat(1000), effectiveDirective: 'y'.repeat(1000) })], 1) ?? []
    expect(report?.sample).toHaveLength(40)
    expect(report?.directive).toHaveLength(512)
  })
})

describe('options of cspReports', () => {
  it.each<[string, unknown]>([
    ['onReport', { onReport: 'log' }],
    ['window', { window: 'x' }],
    ['remember', { remember: 0 }],
    ['sample', { sample: 2 }],
    ['perMinute', { perMinute: 0 }],
    ['body', { body: 0 }],
    ['perBody', { perBody: 0 }],
    ['ignoreExtensions', { ignoreExtensions: 1 }],
    ['random', { random: 0.5 }],
    ['limit', { limit: 1 }],
  ])('[SE-2] refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      cspReports(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'cspReports', option })
    }
  })
})
