import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  ConfigError,
  currentContext,
  fuse,
  requestContext,
  stepsOf,
  type Exchange,
  type RequestContext,
} from '@hardening/core'
import { FakeClock, until } from '@hardening/test-utils'
import type { RequestHandler } from 'express'
import { requestTimeout, type RequestTimeoutOptions } from '../src/index.js'
import { closeAll, serve, versions } from './apps.js'

afterEach(closeAll)

describe.each(versions)('requestTimeout on %s', (_, express) => {
  async function start(route: RequestHandler, options: RequestTimeoutOptions = {}) {
    const clock = new FakeClock()
    let entered = 0
    const guard = fuse([...stepsOf(requestContext()), ...stepsOf(requestTimeout({ ...options, clock }))], { clock })
    const { url, port } = await serve(express, (app) => {
      app.use(guard)
      app.use((req, res, next) => {
        entered++
        return route(req, res, next)
      })
    })
    return { clock, url, port, entered: (count = 1) => until(() => entered >= count, { what: 'the request' }) }
  }

  it('[SE-7] answers 503 as a problem where the application has not begun to answer', async () => {
    const { clock, url, entered } = await start(() => {})
    const answer = fetch(url)
    await entered()
    await clock.advance(30_000)
    const res = await answer
    expect(res.status).toBe(503)
    expect(res.headers.get('content-type')).toBe('application/problem+json')
    expect(res.headers.get('cache-control')).toBe('no-store')
    expect(await res.json()).toEqual({
      type: 'about:blank',
      title: 'Service Unavailable',
      status: 503,
      code: 'ERR_SECURITY_TIMEOUT',
      requestId: res.headers.get('x-request-id'),
    })
  })

  it('[SE-7] [RE-3] tells by when the answer has to begin, for the calls that it makes', async () => {
    let deadline: number | undefined
    const { clock, url } = await start((_req, res) => {
      deadline = currentContext()?.deadline
      res.end()
    })
    await clock.advance(1000)
    await fetch(url)
    expect(deadline).toBe(31_000)
  })

  it('[SE-7] not a millisecond before', async () => {
    let finish: (() => void) | undefined
    const { clock, url, entered } = await start((_req, res) => void (finish = () => res.send('in time')))
    const answer = fetch(url)
    await entered()
    await clock.advance(29_999)
    finish?.()
    expect(await (await answer).text()).toBe('in time')
  })

  it("[SE-7] fires the context's AbortSignal with the error", async () => {
    let context: RequestContext | undefined
    const { clock, url, entered } = await start(() => void (context = currentContext()), { timeout: '2s' })
    const answer = fetch(url)
    await entered()
    const { signal } = context as RequestContext
    expect(signal.aborted).toBe(false)
    await clock.advance(2000)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toMatchObject({ code: 'ERR_SECURITY_TIMEOUT', status: 503 })
    expect((await answer).status).toBe(503)
  })

  it('[SE-7] drops what the application sends too late, without an error', async () => {
    const errors: unknown[] = []
    let late: (() => void) | undefined
    const { clock, url, entered } = await start((_req, res, next) => {
      late = () => {
        try {
          res.status(200).set('X-Late', '1').cookie('a', 'b').json({ late: true })
          res.write('more')
          res.end(() => {})
        } catch (error) {
          errors.push(error)
          next(error)
        }
      }
    })
    const answer = fetch(url)
    await entered()
    await clock.advance(30_000)
    const res = await answer
    late?.()
    expect(errors).toEqual([])
    expect(res.headers.has('x-late')).toBe(false)
    expect(await res.json()).toMatchObject({ code: 'ERR_SECURITY_TIMEOUT' })
  })

  it('[SE-7] the next request on the connection is answered as ever', async () => {
    let hang = true
    const { clock, url, entered } = await start((_req, res) => void (hang ? undefined : res.send('fine')))
    const answer = fetch(url)
    await entered()
    await clock.advance(30_000)
    expect((await answer).status).toBe(503)
    hang = false
    expect(await (await fetch(url)).text()).toBe('fine')
  })

  it('[SE-7] leaves an answer that has begun to go on', async () => {
    let finish: (() => void) | undefined
    const { clock, url, entered } = await start((_req, res) => {
      res.write('begun, ')
      finish = () => res.end('done')
    })
    const answer = fetch(url)
    await entered()
    const res = await answer
    await clock.advance(60_000)
    finish?.()
    expect(await res.text()).toBe('begun, done')
  })

  it('[SE-7] takes the time of each request from a function, and none for 0', async () => {
    const timeout = ({ path }: { path: string }): number => (path === '/slow' ? 60_000 : path === '/never' ? 0 : 1000)
    const { clock, url, entered } = await start(() => {}, { timeout })
    const settled: string[] = []
    const stop = new AbortController()
    const ask = (path: string): Promise<void> =>
      fetch(url + path, { signal: stop.signal }).then(
        () => void settled.push(path),
        () => {},
      )
    const all = ['/slow', '/never', '/'].map(ask)
    await entered(3)
    await clock.advance(1000)
    await all[2]
    expect(settled).toEqual(['/'])
    await clock.advance(59_000)
    await all[0]
    expect(settled).toEqual(['/', '/slow'])
    await clock.advance(1_000_000)
    expect(settled).toEqual(['/', '/slow'])
    stop.abort()
    await Promise.all(all)
  })

  it('[SE-7] leaves exempt paths alone', async () => {
    const { clock, url, entered } = await start(
      (_req, res) => void clock.advance(40_000).then(() => res.send('late')),
      {
        exempt: ['/exports'],
      },
    )
    const answer = fetch(`${url}/exports/1`)
    await entered()
    expect(await (await answer).text()).toBe('late')
  })

  it('[SE-7] needs one timer for any number of requests, and none once they are answered', async () => {
    const waiting: (() => void)[] = []
    const { clock, url, entered } = await start((_req, res) => void waiting.push(() => res.send('ok')))
    const answers = Array.from({ length: 20 }, () => fetch(url))
    await entered(20)
    expect(clock.pending).toBe(1)
    for (const finish of waiting) finish()
    await Promise.all(answers.map(async (answer) => (await answer).text()))
    await clock.advance(30_000)
    expect(clock.pending).toBe(0)
  })

  it('[SE-7] each request has its own time, though the timer is shared', async () => {
    const { clock, url, entered } = await start(() => {}, { timeout: 1000 })
    const first = fetch(url)
    await entered(1)
    await clock.advance(600)
    let secondStatus: number | undefined
    const second = fetch(url).then((res) => (secondStatus = res.status))
    await entered(2)
    await clock.advance(400)
    expect((await first).status).toBe(503)
    await clock.advance(599)
    expect(secondStatus).toBeUndefined()
    await clock.advance(1)
    expect(await second).toBe(503)
  })

  it('[SE-7] closes a connection on which the body is still coming', async () => {
    const { clock, port, entered } = await start(() => {})
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => (answer += String(data)))
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome')
    await entered()
    await clock.advance(30_000)
    await until(() => socket.readableEnded || socket.destroyed, { what: 'the end' })
    expect(answer).toMatch(/^HTTP\/1\.1 503/)
    expect(answer).toMatch(/^connection: close\r$/im)
    socket.destroy()
  })

  it('[SE-7] forgets a request whose client has gone', async () => {
    let context: RequestContext | undefined
    const { clock, url, entered } = await start(() => void (context = currentContext()))
    const stop = new AbortController()
    const answer = fetch(url, { signal: stop.signal }).catch(() => {})
    await entered()
    const { signal } = context as RequestContext
    stop.abort()
    await answer
    await until(() => signal.aborted, { what: 'the end of the request' })
    await clock.advance(60_000)
    expect(signal.reason).not.toMatchObject({ code: 'ERR_SECURITY_TIMEOUT' })
    expect(clock.pending).toBe(0)
  })
})

describe('the step of requestTimeout', () => {
  const clock = new FakeClock()
  const [step] = stepsOf(requestTimeout({ timeout: 1000, clock }))
  let looked: string[] = []
  beforeEach(() => void (looked = []))

  /** An exchange that says when it was looked at, seen first so many milliseconds ago. */
  function exchange(name: string, ago = 0): Exchange {
    const notes = new Map<unknown, unknown>()
    return {
      note: (key: unknown) => notes.get(key),
      setNote: (key: unknown, value: unknown) => notes.set(key, value),
      start: clock.monotonic() - ago,
      context: {},
      get res() {
        looked.push(name)
        return { headersSent: true }
      },
    } as unknown as Exchange
  }

  it('[SE-7] lets go of a request as soon as it has been answered', async () => {
    const answered = exchange('answered')
    void step?.request?.(answered)
    void step?.request?.(exchange('waiting'))
    step?.end?.(answered)
    await clock.advance(1000)
    expect(looked).toEqual(['waiting'])
  })

  it('[SE-7] lets go of it as well where it is mounted twice', async () => {
    const answered = exchange('answered')
    void step?.request?.(answered)
    void step?.request?.(answered)
    step?.end?.(answered)
    await clock.advance(1000)
    expect(looked).toEqual([])
  })

  it('[SE-7] counts from when the request was first seen', async () => {
    void step?.request?.(exchange('seen before', 300))
    await clock.advance(699)
    expect(looked).toEqual([])
    await clock.advance(1)
    expect(looked).toEqual(['seen before'])
  })
})

describe('options of requestTimeout', () => {
  it.each<[string, unknown]>([
    ['timeout', { timeout: 'long' }],
    ['timeout', { timeout: 0 }],
    ['timeout', { timeout: 2 ** 40 }],
    ['exempt', { exempt: '/x' }],
    ['after', { after: 1 }],
  ])('[SE-7] refuses a wrong `%s` at creation', (option, options) => {
    expect.assertions(2)
    try {
      requestTimeout(options as never)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ factory: 'requestTimeout', option })
    }
  })
})
