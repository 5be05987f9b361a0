import { EventEmitter, once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect } from 'node:net'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { afterEach, describe, expect, it } from '@jest/globals'
import { requestContext } from '@hardening/core'
import { listen, until, type Listening } from '@hardening/test-utils'
import { createLogger } from '../src/index.js'
import { Lines, versions } from './support.js'

const servers: Listening[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

// Where the code of an application runs that a request has started.
const places = [
  'promise',
  'timer',
  'immediate',
  'nextTick',
  'microtask',
  'callback',
  'emitter',
  'stream',
  'file',
  'transform',
  'body',
  'finish',
  'close',
]

describe.each(versions)('the context of a request on %s', (_name, express) => {
  it('[LO-1] E2 holds through promises, timers, events, streams and the end of the response, on one connection', async () => {
    const sink = new Lines()
    const logger = createLogger({ sink })
    const say = (place: string, wanted: unknown) => logger.info('said', { place, wanted })
    const app = express()
    app.use(requestContext(), express.text({ type: () => true }))
    app.post('/', async (req, res) => {
      const wanted = req.headers['x-request-id']
      const told = (place: string) => () => say(place, wanted)
      say('body', wanted)
      res.on('finish', told('finish')).on('close', told('close'))
      const emitter = new EventEmitter().on('event', told('emitter'))
      await Promise.resolve()
      say('promise', wanted)
      await new Promise((resolve) => setTimeout(() => resolve(say('timer', wanted)), 1))
      await new Promise((resolve) => setImmediate(() => resolve(say('immediate', wanted))))
      await new Promise((resolve) => process.nextTick(() => resolve(say('nextTick', wanted))))
      await new Promise<void>((resolve) => queueMicrotask(() => resolve(say('microtask', wanted))))
      await promisify(gzip)('x').then(told('callback'))
      setTimeout(() => emitter.emit('event'), 1)
      await once(emitter, 'event')
      await once(Readable.from(['a']).on('data', told('stream')), 'end')
      await once(createReadStream(__filename).once('data', told('file')).resume(), 'close')
      const transform = new Transform({
        transform(chunk, _encoding, done) {
          say('transform', wanted)
          done(null, chunk)
        },
      })
      await pipeline(Readable.from(['a']), transform, async (source) => {
        for await (const _ of source) await Promise.resolve()
      })
      res.send('ok')
    })
    const server = await listen(app)
    servers.push(server)

    // Two connections at once, each with request after request: what leaks from one to the next shows here.
    const requests = 5
    await Promise.all(
      ['a', 'b'].map(async (connection) => {
        const socket = connect(server.port, '127.0.0.1').setEncoding('latin1')
        for (let at = 0; at < requests; at++) {
          socket.write(
            `POST / HTTP/1.1\r\nHost: a\r\nX-Request-Id: ${connection}-${at}\r\nContent-Length: 4\r\n\r\nbody`,
          )
          let answer = ''
          while (!answer.endsWith('ok')) answer += String((await once(socket, 'data'))[0])
        }
        socket.destroy()
      }),
    )
    await until(() => sink.all.length === 2 * requests * places.length)
    expect(sink.json.filter(({ requestId, wanted }) => requestId !== wanted)).toEqual([])
    const ids = ['a', 'b'].flatMap((connection) => Array.from({ length: requests }, (_, at) => `${connection}-${at}`))
    for (const id of ids) {
      const lines = sink.json.filter(({ wanted }) => wanted === id)
      expect(new Set(lines.map(({ place }) => place))).toEqual(new Set(places))
      expect(lines).toHaveLength(new Set(places).size)
    }
  })
})
