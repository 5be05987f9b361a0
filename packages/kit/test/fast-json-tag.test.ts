import { afterEach, describe, expect, it } from '@jest/globals'
import { middleware } from '@hardening/core'
import { listen, type Listening } from '@hardening/test-utils'
import { installFastJson } from '../src/fast-json.js'
import { versions } from './apps.js'

// In a file of its own: that a step sets `ETag` is known from then on.

let server: Listening | undefined
afterEach(() => server?.close())

describe.each(versions)('the fast res.json on %s', (_, express) => {
  it('[KI-1] leaves the ETag of a step as it is', async () => {
    const app = express().disable('x-powered-by')
    installFastJson(app)
    app.use(middleware({ name: 'step', headers: [['ETag', '"own"']] }))
    app.use((_req, res) => void res.json({ a: 1 }))
    server = await listen(app)
    const { headers } = await fetch(server.url)
    expect(headers.get('ETag')).toBe('"own"')
  })
})
