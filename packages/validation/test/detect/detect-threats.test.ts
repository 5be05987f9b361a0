import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { channels, ConfigError, stepsOf, type ThreatMessage } from '@hardening/core'
import request from 'supertest'
import {
  createThreatReport,
  detectBodyThreats,
  detectThreats,
  threatsOf,
  type DetectThreatsOptions,
} from '../../src/index.js'
import { appOf, versions } from '../apps.js'

const injection = "' OR 1=1 --"

let published: ThreatMessage[] = []
const collect = (message: unknown): void => void published.push(message as ThreatMessage)
beforeEach(() => {
  published = []
  channels.threat.subscribe(collect)
})
afterEach(() => void channels.threat.unsubscribe(collect))

describe.each(versions)('detectThreats on %s', (_, express) => {
  function serve(options?: DetectThreatsOptions) {
    const app = appOf(express, (app) => {
      app.use(detectThreats(options))
      app.use(express.json(), express.urlencoded({ extended: true }))
      app.use(detectBodyThreats(options))
      app.use((req, res) => void res.json({ findings: threatsOf(res)?.findings ?? [], body: req.body ?? null }))
    })
    return request(app)
  }

  it('[VA-4] C5 reports by default: status and body are those of the application', async () => {
    const answer = await serve()
      .post(`/users?name=${encodeURIComponent(injection)}`)
      .send({ note: '<script>alert(1)</script>' })
    expect(answer.status).toBe(200)
    expect(answer.body.body).toEqual({ note: '<script>alert(1)</script>' })
    expect(answer.body.findings).toEqual([
      expect.objectContaining({ kind: 'sql-injection', rule: 'sql-tautology', score: 5, field: 'query.name' }),
      expect.objectContaining({ kind: 'xss', rule: 'xss-script', score: 5, field: 'body.note' }),
    ])
  })

  it('[VA-4] publishes each finding without the value', async () => {
    await serve().get(`/?q=${encodeURIComponent(injection)}`)
    expect(published).toEqual([
      expect.objectContaining({
        kind: 'sql-injection',
        rule: 'sql-tautology',
        score: 5,
        field: 'query.q',
        blocked: false,
      }),
    ])
    expect(published[0]?.exchange).toBeDefined()
    expect(JSON.stringify({ ...published[0], exchange: undefined })).not.toContain('1=1')
  })

  it('[VA-4] C5 refuses with 403 in block mode, and never echoes the payload', async () => {
    const answer = await serve({ mode: 'block' }).get(`/?q=${encodeURIComponent(injection)}`)
    expect(answer.status).toBe(403)
    expect(answer.body.code).toBe('ERR_VALIDATION_THREAT')
    expect(answer.text).not.toContain('1=1')
    expect(answer.text).not.toContain('sql')
    expect(published[0]).toMatchObject({ blocked: true })
  })

  it('[VA-4] refuses an attack in the body', async () => {
    const answer = await serve({ mode: 'block' })
      .post('/')
      .send({ user: { tags: ['a', '"><img src=x onerror=alert(1)>'] } })
    expect(answer.status).toBe(403)
    expect(published[0]).toMatchObject({ kind: 'xss', field: 'body.user.tags.*' })
  })

  it.each([
    ['the path', (agent: ReturnType<typeof serve>) => agent.get('/items/1%27%20UNION%20SELECT%201,2--%20'), 'path'],
    [
      'the name of a parameter',
      (agent: ReturnType<typeof serve>) => agent.get('/?%3Cscript%3Ealert(1)%3C/script%3E=1'),
      'query.*',
    ],
    ['the referrer', (agent: ReturnType<typeof serve>) => agent.get('/').set('Referer', injection), 'header.referer'],
    [
      'the user agent',
      (agent: ReturnType<typeof serve>) => agent.get('/').set('User-Agent', '<script>alert(1)</script>'),
      'header.user-agent',
    ],
    [
      'a cookie',
      (agent: ReturnType<typeof serve>) => agent.get('/').set('Cookie', "a=1; theme=' OR '1'='1"),
      'cookie.theme',
    ],
    ['a key of the body', (agent: ReturnType<typeof serve>) => agent.post('/').send({ [injection]: 1 }), 'body.*'],
    [
      'a form',
      (agent: ReturnType<typeof serve>) => agent.post('/').send(`a=${encodeURIComponent(injection)}`),
      'body.a',
    ],
  ])('[VA-4] looks at %s', async (_place, send, field) => {
    expect((await send(serve({ mode: 'block' }))).status).toBe(403)
    expect(published[0]).toMatchObject({ field })
  })

  it('[VA-4] lets ordinary requests pass without a finding', async () => {
    const answer = await serve({ mode: 'block' })
      .post('/people/42?name=O%27Brien&q=select+one+from+the+list')
      .set('User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')
      .set('Referer', 'https://example.com/search?q=1+%3C+2')
      .send({ name: "Sean O'Brien", note: '1 < 2 & 3 > 2; see you at 5 -- Bob', age: 3, tags: null })
    expect(answer.status).toBe(200)
    expect(answer.body.findings).toEqual([])
    expect(published).toEqual([])
  })

  it('[VA-4] excludes findings by path, field and rule', async () => {
    const exclude = [{ path: '/articles/*', field: 'body.html', rule: 'xss' }]
    const html = '<script>alert(1)</script>'
    const send = (path: string, body: object) => serve({ mode: 'block', exclude }).post(path).send(body)
    expect((await send('/articles/7', { html })).status).toBe(200)
    expect((await send('/articles/7', { title: html })).status).toBe(403)
    expect((await send('/comments/7', { html })).status).toBe(403)
    expect((await send('/articles/7', { html: injection })).status).toBe(403)
  })

  it('[VA-4] detects at one level and blocks at a lower one', async () => {
    const suspicious = "'like'"
    const q = `/?q=${encodeURIComponent(suspicious)}`
    expect((await serve().get(q)).body.findings).toEqual([])
    const seen = await serve({ mode: 'block', detectionLevel: 2 }).get(q)
    expect(seen.status).toBe(200)
    expect(seen.body.findings).toEqual([expect.objectContaining({ level: 2, score: 5 })])
    expect((await serve({ mode: 'block', detectionLevel: 2, blockingLevel: 2 }).get(q)).status).toBe(403)
  })

  it('[VA-4] adds scores up against the threshold', async () => {
    const agent = serve({ mode: 'block', threshold: 10 })
    const q = encodeURIComponent(injection)
    expect((await agent.get(`/?a=${q}`)).status).toBe(200)
    expect((await agent.get(`/?a=${q}&b=${q}`)).status).toBe(403)
    expect((await agent.post(`/?a=${q}`).send({ b: injection })).status).toBe(403)
  })

  it('[VA-4] proposes exclusions from what it has reported', async () => {
    const report = createThreatReport()
    const agent = serve({ report })
    for (let id = 1; id <= 3; id++)
      await agent.post(`/posts/${10_000 + id}`).send({ html: '<script>track(1)</script>' })
    expect(report.entries()).toEqual([
      expect.objectContaining({ path: '/posts/*', field: 'body.html', rule: 'xss-script', count: 3 }),
    ])
    const [proposal] = report.proposals(3)
    expect(report.proposals(4)).toEqual([])
    const again = await serve({ mode: 'block', exclude: [proposal!.exclusion] })
      .post('/posts/10001')
      .send({ html: '<script>track(1)</script>' })
    expect(again.status).toBe(200)
  })

  it.each([
    ['__proto__', '{"__proto__":{"admin":true}}', 'prototype-pollution'],
    ['constructor.prototype', '{"a":{"constructor.prototype.admin":true}}', 'prototype-pollution'],
    ['$where', '{"$where":"this.a == 1"}', 'nosql-injection'],
    ['$ne', '{"password":{"$ne":null}}', 'nosql-injection'],
  ])('[VA-4] refuses the key %s in a body, and leaves Object.prototype as it was', async (_key, body, kind) => {
    const answer = await serve({ mode: 'block' }).post('/').set('Content-Type', 'application/json').send(body)
    expect(answer.status).toBe(403)
    expect(published[0]).toMatchObject({ kind, blocked: true })
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })

  it.each(['/?a[$ne]=1', '/?a%5B%24ne%5D=1', '/?__proto__[x]=1', '/?constructor[prototype][x]=1', '/?$where=1'])(
    '[VA-4] refuses the name in %s, whatever the query parser makes of it',
    async (url) => {
      expect((await serve({ mode: 'block' }).get(url)).status).toBe(403)
    },
  )

  it('[VA-4] looks only for the kinds that are asked for, and tells each finding', async () => {
    const told: string[] = []
    const agent = serve({ kinds: ['xss'], onFinding: ({ kind }, { path }) => void told.push(`${kind} ${path}`) })
    await agent.get(`/a?q=${encodeURIComponent(injection)}&r=%3Cscript%3Ealert(1)%3C/script%3E`)
    expect(told).toEqual(['xss /a'])
  })

  it('[VA-4] report: bounds what it looks at, says so, and lets the request pass', async () => {
    const answer = await serve({ maxTotalBytes: '64kb' })
      .post('/')
      .send({ text: "it's ".repeat(20_000) })
    expect(answer.status).toBe(200)
    expect(answer.body.findings).toEqual([
      expect.objectContaining({ kind: 'inspection-limit', field: 'body.text', score: 2 }),
    ])
  })

  it('[VA-4] block: refuses with 413 what is too large to be looked at in full', async () => {
    const long = { text: "it's ".repeat(20_000) }
    const refused = await serve({ mode: 'block', maxTotalBytes: '64kb' }).post('/').send(long)
    expect([refused.status, refused.body.code]).toEqual([413, 'ERR_VALIDATION_INSPECTION_LIMIT'])
    expect((await serve({ mode: 'block', maxTotalBytes: '64kb', onLimit: 'pass' }).post('/').send(long)).status).toBe(
      200,
    )
  })

  it.each([0, 40_000, 99_000])('[VA-4] finds an attack at %i in a text of 100 KB, once', async (at) => {
    const filler = 'lorem ipsum dolor sit amet, '.repeat(3600)
    const text = `${filler.slice(0, at)}<svg onload=alert(1)>${filler.slice(at, 100_000)}`
    const answer = await serve().post('/').send({ text })
    expect(answer.body.findings).toEqual([expect.objectContaining({ kind: 'xss', field: 'body.text' })])
  })

  it('[VA-4] an attack across the border of two parts of a long text is found', async () => {
    const text = `${'a'.repeat(32 * 1024 - 9)} <svg onload=alert(1)> ${'b'.repeat(2000)}`
    const answer = await serve().post('/').send({ text })
    expect(answer.body.findings).toEqual([expect.objectContaining({ kind: 'xss' })])
  })

  it('[VA-4] a file in Base64 is nothing to look at, however long', async () => {
    const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, at) => (at * 7919) % 251)).toString('base64')
    for (const file of [bytes, `data:image/png;base64,${bytes}`]) {
      const answer = await serve({ mode: 'block', maxTotalBytes: '16kb' }).post('/').send({ file })
      expect([answer.status, answer.body.findings ?? []]).toEqual([200, []])
    }
  })
})

describe('options of detectThreats', () => {
  it('[VA-4] is one step, which makes a middleware named after it', () => {
    expect(detectThreats().name).toBe('detectThreatsMiddleware')
    expect(stepsOf(detectThreats())).toHaveLength(1)
    expect(stepsOf(detectBodyThreats()).map(({ name }) => name)).toEqual(['detectBodyThreats'])
  })

  it.each<[string, object, string]>([
    ['unknown', { modus: 'block' }, 'modus'],
    ['mode', { mode: 'deny' }, 'mode'],
    ['detectionLevel', { detectionLevel: 5 }, 'detectionLevel'],
    ['blockingLevel', { blockingLevel: 0 }, 'blockingLevel'],
    ['blocking above detection', { detectionLevel: 1, blockingLevel: 2 }, 'blockingLevel'],
    ['threshold', { threshold: 0 }, 'threshold'],
    ['kinds', { kinds: ['sql'] }, 'kinds'],
    ['no kinds', { kinds: [] }, 'kinds'],
    ['headers', { headers: ['Referer'] }, 'headers'],
    ['exclude', { exclude: {} }, 'exclude'],
    ['an empty exclusion', { exclude: [{}] }, 'exclude[0]'],
    ['a misspelt exclusion', { exclude: [{ rules: 'xss' }] }, 'exclude[0].rules'],
    ['an exclusion of nothing', { exclude: [{ path: '' }] }, 'exclude[0].path'],
    ['maxValueBytes', { maxValueBytes: '1' }, 'maxValueBytes'],
    ['maxTotalBytes', { maxTotalBytes: -1 }, 'maxTotalBytes'],
    ['maxFields', { maxFields: 0 }, 'maxFields'],
    ['onLimit', { onLimit: 'stop' }, 'onLimit'],
    ['onFinding', { onFinding: true }, 'onFinding'],
    ['report', { report: {} }, 'report'],
  ])('[VA-4] refuses a wrong option: %s', (_title, options, option) => {
    const thrown = (): unknown => {
      try {
        return detectThreats(options)
      } catch (error) {
        return error
      }
    }
    expect(thrown()).toBeInstanceOf(ConfigError)
    expect((thrown() as ConfigError).option).toBe(option)
  })

  it('[VA-4] takes undefined for left out', () => {
    const names = ['mode', 'detectionLevel', 'blockingLevel', 'threshold', 'kinds', 'headers', 'exclude', 'report']
    expect(() => detectThreats(Object.fromEntries(names.map((name) => [name, undefined])))).not.toThrow()
  })
})
