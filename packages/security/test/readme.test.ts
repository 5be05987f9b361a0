import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { ConfigError } from '@hardening/core'
import express from 'express'
import * as security from '../src/index.js'

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')

/** The options that a factory knows, as it names them when it gets one that it does not. */
async function optionsOf(call: (options: never) => unknown): Promise<string[]> {
  try {
    await call({ nonsense: true } as never)
  } catch (error) {
    const [issue] = (error as ConfigError).issues
    return /\(known: (.*)\)$/.exec(issue?.expected ?? '')?.[1]?.split(', ') ?? []
  }
  throw new Error('took an option that there is not')
}

/** What stands between a heading and the next one. */
function section(heading: string): string {
  const start = readme.indexOf(`\n${heading}\n`)
  expect([heading, start]).not.toEqual([heading, -1])
  const end = readme.indexOf('\n### ', start + heading.length)
  return readme.slice(start, end)
}

describe('the README', () => {
  it.each<[string, (options: never) => unknown, string]>([
    ['SE-1', security.secureHeaders, '### `secureHeaders(options)`'],
    ['SE-2', security.cspReports, '### `cspReports(options)`'],
    ['SE-3', security.corsPolicy, '### `corsPolicy(options)`'],
    ['SE-4', security.trustedHosts, '### `trustedHosts(options)`'],
    ['SE-4', security.httpsRedirect, '### `httpsRedirect(options)`'],
    ['SE-4', security.ipFilter, '### `ipFilter(options)`'],
    ['SE-5', security.requireContentType, '### `requireContentType(options)`'],
    ['SE-5', security.requestLimits, '### `requestLimits(options)`'],
    ['SE-5', security.bodyLimits, '### `bodyLimits(options)`'],
    ['SE-5', (options) => security.hardenServer(createServer(), options), '### `hardenServer(server, options)`'],
    ['SE-6', security.csrfGuard, '### `csrfGuard(options)`'],
    ['SE-7', security.requestTimeout, '### `requestTimeout(options)`'],
    ['SE-8', (options) => security.auditHeaders('http://localhost', options), '### `auditHeaders(target, options)`'],
  ])('[%s] has every option of its factory, and no other', async (_id, factory, heading) => {
    const rows = [...section(heading).matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name as string)
    const known = await optionsOf(factory)
    // Those of helmet are told of in a sentence, and those of a policy stand in a table of their own.
    const helmets =
      /^(?:crossOrigin|origin|referrer|strictT|hsts|x[A-Z]|noSniff|dns|ieNo|frameguard|permittedC|xss|hide)/
    const isOwn = (name: string): boolean =>
      heading.includes('secureHeaders') && helmets.test(name) && name !== 'xPoweredBy'
    const ofPolicy = ['directives', 'useDefaults', 'reportOnly', 'nonce', 'reportTo']
    expect(rows.filter((name) => !(heading.includes('secureHeaders') && ofPolicy.includes(name))).sort()).toEqual(
      known.filter((name) => !isOwn(name)).sort(),
    )
  })

  it('[SE-1] has a heading for every code of an error', () => {
    for (const [name, Class] of Object.entries(security)) {
      if (!name.endsWith('Error')) continue
      const { code, status } = new (Class as unknown as new (arg: unknown) => { code: string; status: number })(['x'])
      expect(section(`### ${code}`)).toContain(`${status}, \`${name}\``)
    }
  })

  const servers: { close(): unknown }[] = []
  afterAll(() => void servers.forEach((server) => server.close()))

  it('[SE-1] shows a use that works, in no more than a dozen lines', () => {
    const code = /## Use\n\n```ts\n([^`]*)```/.exec(readme)?.[1] as string
    const lines = code.trim().split('\n')
    expect(lines.filter((line) => line !== '').length).toBeLessThanOrEqual(12)
    const body = lines
      .map((line) => line.replace(/^import \{(.*)\} from '@hardening\/security'$/, 'const {$1} = security'))
      .filter((line) => !line.startsWith('import '))
      .map((line) => line.replace('app.listen(3000)', "listening(app.listen(0, '127.0.0.1'))"))
    const run = compileFunction(body.join('\n'), ['express', 'security', 'listening'])
    run(express, security, (server: { close(): unknown }) => {
      servers.push(server)
      return server
    })
    expect(servers).toHaveLength(1)
  })

  it('[SE-1] shows the very headers that are sent by default', async () => {
    const shown = /`secureHeaders\(\)` sends[^`]*```http\n([^`]*)```/.exec(readme)?.[1]?.trim().split('\n')
    const app = express()
      .use(security.secureHeaders())
      .get('/', (_req, res) => void res.end())
    const server = app.listen(0, '127.0.0.1')
    servers.push(server)
    await new Promise((resolve) => server.once('listening', resolve))
    const res = await fetch(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
    const withoutNonce = (text: string): string => text.replace(/nonce-[^']*/, 'nonce')
    const found = [...res.headers]
      .filter(([name]) => !/^(?:date|connection|keep-alive|content-length|transfer-encoding|x-request-id)$/.test(name))
      .map(([name, value]) => withoutNonce(`${name}: ${value}`))
    const expected = (shown ?? []).map((line) => withoutNonce(line.replace(/^[^:]*/, (name) => name.toLowerCase())))
    expect(found.sort()).toEqual(expected.sort())
  })
})
