import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { compiledFolder } from './compiled.js'

jest.setTimeout(60_000)

let compiled: ReturnType<typeof compiledFolder>
beforeAll(() => {
  compiled = compiledFolder()
  const link = (name: string) =>
    symlinkSync(join(__dirname, '../node_modules', name), join(compiled.folder, 'node_modules', name))
  mkdirSync(join(compiled.folder, 'node_modules/@sentry'), { recursive: true })
  for (const name of ['@sentry/node', 'sentry10', 'express', 'express4']) link(name)
})
afterAll(() => compiled.remove())

// Takes envelopes, starts an application whose first route fails, asks it, and says what came.
const script = (sentry: string, express: string, expressFirst: boolean, rate: number) => `
  const { createServer } = require('node:http')
  const { once } = require('node:events')
  const seen = []
  const ingest = createServer((req, res) => {
    let body = ''
    req.setEncoding('utf8').on('data', (text) => (body += text)).on('end', () => { seen.push(body); res.end('{}') })
  })
  async function main() {
    await once(ingest.listen(0, '127.0.0.1'), 'listening')
    const dsn = 'http://pub@127.0.0.1:' + ingest.address().port + '/42'
    const load = () => require('${express}')
    const early = ${expressFirst} ? load() : undefined
    const Sentry = require('${sentry}')
    const { createSentryReporter } = require('@hardening/logging')
    const { fuse, requestContext, stepsOf, exchangeOf } = require('@hardening/core')
    const reporter = createSentryReporter({ sentry: Sentry, dsn, release: 'shop@1', tracesSampleRate: ${rate} })
    const express = early ?? load()
    const app = express()
    app.use(fuse([requestContext(), reporter.middleware].flatMap((part) => [...stepsOf(part)])))
    app.get('/fails', () => { throw new Error('it failed') })
    app.get('/missing', () => { throw Object.assign(new Error('not there'), { status: 404 }) })
    app.use((error, req, res, next) => {
      exchangeOf(res).error = error
      res.status(error.status ?? 500).end()
    })
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = 'http://127.0.0.1:' + server.address().port
    for (const path of ['/fails', '/missing']) await fetch(url + path, { headers: { 'x-request-id': 'r-1' } })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await reporter.close()
    const events = seen.flatMap((body) => {
      const lines = body.trim().split('\\n').slice(1).map((line) => JSON.parse(line))
      return lines.filter((_, at) => at % 2 === 1 && lines[at - 1].type === 'event')
    })
    process.stdout.write(JSON.stringify(events.map(({ exception, tags, release }) =>
      ({ value: exception.values.map(({ value }) => value), requestId: tags?.requestId, release }))))
    ingest.closeAllConnections()
    ingest.close()
  }
  main()
`

describe.each([
  ['10', 'sentry10'],
  ['11', '@sentry/node'],
])('a process with @sentry/node %s', (_version, sentry) => {
  it.each([
    ['Express 4', 'express4', true, 0],
    ['Express 4', 'express4', false, 1],
    ['Express 5', 'express', true, 1],
    ['Express 5', 'express', false, 0],
    ['Express 5', 'express', false, 1],
  ])(
    '[LO-5] E10 reports a 5xx once and a 4xx never: %s (%s), loaded before Sentry starts: %s, share traced: %d',
    async (_name, express, first, rate) => {
      const file = join(compiled.folder, `${sentry.replace('/', '-')}-${express}-${first}-${rate}.js`)
      writeFileSync(file, script(sentry, express, first, rate))
      const child = spawn(process.execPath, [file], { cwd: compiled.folder, stdio: ['ignore', 'pipe', 'pipe'] })
      let stdout = ''
      let stderr = ''
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
      const [code] = (await once(child, 'close')) as [number | null]
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
      expect(JSON.parse(stdout)).toEqual([{ value: ['it failed'], requestId: 'r-1', release: 'shop@1' }])
    },
  )
})
