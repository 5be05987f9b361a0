import { afterEach, describe, expect, it } from '@jest/globals'
import { middleware } from '@hardening/core'
import { listen, type Listening } from '@hardening/test-utils'
import { installFastJson } from '../src/fast-json.js'
import { versions } from './apps.js'

/** Tests that `res.json` leaves a header of a step. Each name needs a file: that a step sets it is known from then on. */
export function leavesHeader(name: string, value: string): void {
  let server: Listening | undefined
  afterEach(() => server?.close())

  describe.each(versions)('the fast res.json on %s', (_, express) => {
    it(`[KI-1] leaves the ${name} of a step as it is`, async () => {
      const app = express().disable('x-powered-by')
      installFastJson(app)
      app.use(middleware({ name: 'step', headers: [[name, value]] }))
      app.use((_req, res) => void res.json({ a: 1 }))
      server = await listen(app)
      const { headers } = await fetch(server.url)
      expect(headers.get(name)).toBe(value)
    })
  })
}
