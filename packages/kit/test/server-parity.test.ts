import { createServer as createHttpServer } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { listen, type Listening } from '@hardening/test-utils'
import type { Application } from 'express'
import { installFastJson } from '../src/fast-json.js'
import { harden, type Kit } from '../src/index.js'
import { createServer } from '../src/server.js'
import { versions } from './apps.js'
import { converse } from './converse.js'
import { casesOf } from './server-parity-cases.js'

const folder = mkdtempSync(join(tmpdir(), 'kit-parity-'))
writeFileSync(join(folder, 'page.html'), '<p>hello</p>'.repeat(20))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const servers: Listening[] = []
// Express writes errors there that nobody has handled.
beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(async () => {
  jest.restoreAllMocks()
  for (const server of servers.splice(0)) await server.close()
})

/** Lines that the toolkit adds to an answer. */
const added = new RegExp(
  `^(?:${[
    'content-security-policy',
    'cross-origin-opener-policy',
    'cross-origin-resource-policy',
    'origin-agent-cluster',
    'permissions-policy',
    'ratelimit',
    'ratelimit-policy',
    'referrer-policy',
    'server-timing',
    'strict-transport-security',
    'x-content-type-options',
    'x-dns-prefetch-control',
    'x-download-options',
    'x-frame-options',
    'x-permitted-cross-domain-policies',
    'x-process-time',
    'x-request-id',
    'x-xss-protection',
    'x-powered-by',
  ].join('|')}): [^\r]*\r\n`,
  'gim',
)

interface Place {
  /** What is done to an application before it is built. */
  prepare(app: Application): Kit | void
  /** What it says there, without what the toolkit adds. */
  clean(text: string): string
}

const places: readonly (readonly [string, Place])[] = [
  ["on the kit's server", { prepare: installFastJson, clean: (text) => text }],
  [
    'behind the whole stack',
    {
      prepare: (app) =>
        harden(app, {
          log: { sink: { write: () => {}, flush: () => Promise.resolve(), close: () => Promise.resolve() } },
          rateLimit: { policies: [{ name: 'many', limit: 1_000_000, window: '1m' }] },
          errors: false,
        }),
      clean: (text) =>
        text
          .replaceAll(added, '')
          .replaceAll('Vary: Accept-Encoding\r\n', '')
          .replaceAll('Vary: Accept-Encoding, ', 'Vary: '),
    },
  ],
]

describe.each(versions)('what an application of %s says on the wire', (_, express) => {
  const table = places.flatMap(([where, place]) =>
    Object.entries(casesOf(express, folder)).map(([what, one]) => [where, what, place, one] as const),
  )

  it.each(table)('[KI-1] is the same %s: %s', async (_where, what, { prepare, clean }, one) => {
    const said: string[] = []
    for (const ours of [false, true]) {
      const app = express()
      // Express 4 reads some settings when the first middleware comes.
      one.before?.(app)
      const kit = ours ? prepare(app) : undefined
      one.build(app)
      app.set('env', 'production')
      const made = ours ? createServer(app) : createHttpServer(app)
      // The kit's server gives slow clients less time; what it says of that is its own.
      made.keepAliveTimeout = 5000
      made.maxRequestsPerSocket = 0
      one.server?.(made)
      const listening = await listen(made)
      servers.push(listening)
      const text = await converse(listening.port, one.bytes)
      await kit?.close()
      said.push(clean(text.replaceAll(/Date: [^\r]+/g, 'Date: x').replaceAll(listening.url, 'url')))
    }
    // Node ends a CONNECT that nobody listens to without a word.
    expect(said[0] === '').toBe(what.startsWith('CONNECT that nobody'))
    expect(said[1]).toBe(said[0])
  })
})
