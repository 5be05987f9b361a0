import { Agent, request } from 'node:http'
import { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from '@jest/globals'
import { listen, until, type Listening } from '@hardening/test-utils'
import { currentContext, requestContext } from '../src/index.js'
import { versions } from './apps.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let server: Listening | undefined
afterEach(async () => {
  agent.destroy()
  await server?.close()
})

const ask = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    request(url, { agent }, (res) => {
      res.on('data', (chunk) => (text += String(chunk)))
      res.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })

describe.each(versions)('a connection of %s that waits for its next request', (_version, express) => {
  it('[CO-1] holds nothing of the context of the last one', async () => {
    const contexts: WeakRef<object>[] = []
    const app = express()
    app.use(requestContext())
    app.get('/', (req, res) => {
      contexts.push(new WeakRef(currentContext() as object))
      res.send(`${req.socket.remotePort}`)
    })
    server = await listen(app)
    const ports = [await ask(server.url), await ask(server.url)]
    expect(ports[0]).toBe(ports[1])
    await until(
      () => {
        collect()
        return contexts.every((context) => context.deref() === undefined)
      },
      { what: 'the contexts to go' },
    )
  })

  it("[CO-1] still runs a request's own time-out in its context", async () => {
    const app = express()
    app.use(requestContext())
    let found: string | undefined
    app.get('/', (_req, res) => {
      res.setTimeout(1, () => {
        found = currentContext()?.requestId
        res.send('late')
      })
    })
    server = await listen(app)
    expect(await ask(server.url)).toBe('late')
    expect(found).toMatch(/^[0-9a-f]{32}$/)
  })

  it('[CO-1] leaves alone what somebody has put in the place of `setTimeout`', async () => {
    const app = express()
    const { setTimeout } = Socket.prototype
    const theirs: typeof setTimeout = function (this: Socket, ...args) {
      return setTimeout.apply(this, args)
    }
    app.use((req, _res, next) => {
      req.socket.setTimeout = theirs
      next()
    })
    app.use(requestContext())
    app.get('/', (req, res) => void res.send(`${req.socket.setTimeout === theirs}`))
    server = await listen(app)
    expect(await ask(server.url)).toBe('true')
  })
})
