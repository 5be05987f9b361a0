import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from '@jest/globals'
import { knownOptions, Readme, readmeContract, transpile } from '@hardening/test-utils'
import express from 'express'
import * as security from '../src/index.js'

const readme = new Readme(join(__dirname, '..'))

/** Options that a sentence tells of, since they are those of helmet. */
const helmets = /^(?:crossOrigin|origin|referrer|strictT|hsts|x[A-Z]|noSniff|dns|ieNo|frameguard|permittedC|xss|hide)/

describe('the README', () => {
  readmeContract({ it, prefix: '[SE-1] ', readme, codes: 'ERR_SECURITY_' })

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
    const known = await knownOptions(factory)
    const isTold = (name: string): boolean =>
      !heading.includes('secureHeaders') || name === 'xPoweredBy' || !helmets.test(name)
    expect(readme.listed(heading).sort()).toEqual(known.filter(isTold).sort())
  })

  it('[SE-1] names status and class of every error', () => {
    for (const [name, Class] of Object.entries(security)) {
      if (!name.endsWith('Error')) continue
      const { code, status } = new (Class as unknown as new (arg: unknown) => { code: string; status: number })(['x'])
      expect(readme.section(`### ${code}`)).toContain(`${status}, \`${name}\``)
    }
  })

  const servers: { close(): unknown }[] = []
  afterAll(() => void servers.forEach((server) => server.close()))

  it('[SE-1] shows a use that works', () => {
    const [use = ''] = readme.examples
    const code = transpile(use.replace('app.listen(3000)', "listening(app.listen(0, '127.0.0.1'))"))
    const modules: Record<string, unknown> = {
      express: { __esModule: true, default: express },
      '@hardening/security': security,
    }
    const listening = <T extends { close(): unknown }>(server: T): T => {
      servers.push(server)
      return server
    }
    new Function('require', 'exports', 'listening', code)((name: string) => modules[name], {}, listening)
    expect(servers).toHaveLength(1)
  })

  it('[SE-1] shows the very headers that are sent by default', async () => {
    const shown = /`secureHeaders\(\)` sends[^`]*```http\n([^`]*)```/.exec(readme.text)?.[1]?.trim().split('\n')
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
