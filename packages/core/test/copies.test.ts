import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { listen, type Listening } from '@hardening/test-utils'
import type * as Core from '../src/index.js'
import { versions } from './apps.js'

let server: Listening | undefined
afterEach(() => server?.close())

/** The package once more, as an application has it that loads it by `import` and by `require`. */
function copy(): typeof Core {
  let loaded: typeof Core | undefined
  jest.isolateModules(() => {
    loaded = require('../src/index.js') as typeof Core
  })
  return loaded as typeof Core
}

describe.each(versions)('two copies of the package under one application of %s', (_, express) => {
  it('[CO-7] write each header once, that of the application before those of either', async () => {
    const [one, other] = [copy(), copy()]
    const app = express().disable('x-powered-by')
    const names = ['X-A', 'X-B', 'X-C', 'X-D', 'X-E', 'X-F']
    const lines = names.map((name) => [name, 'fixed'] as const)
    app.use(
      one.middleware({
        name: 'one',
        request(exchange) {
          for (const name of names.toReversed()) exchange.setHeader(`${name}-Once`, 'one')
          exchange.vary('Origin')
        },
      }),
      other.middleware({ name: 'other', headers: lines }),
    )
    app.get('/', (_req, res) => void res.set({ 'X-B': 'app', 'X-B-Once': 'app', Vary: 'Accept' }).send('x'))
    server = await listen(app)
    for (let round = 0; round < 2; round++) {
      const { headers } = await fetch(server.url)
      const found = names.map((name) => [headers.get(name), headers.get(`${name}-Once`)])
      expect(found).toEqual(names.map((name) => (name === 'X-B' ? ['app', 'app'] : ['fixed', 'one'])))
      expect(headers.get('vary')).toBe('Origin, Accept')
    }
  })
})
