import { describe, expect, it } from '@jest/globals'
import type { Request } from 'express'
import { captureRoute, routeTemplate } from '../../src/route/index.js'
import { versions } from '../apps.js'
import { askAll, observe, requestsOf } from './labels.js'

describe.each(versions)('captureRoute on %s', (_, express) => {
  it('[CO-3] leaves req.route and req.baseUrl as an application knows them', async () => {
    const seen = async (capture: boolean): Promise<unknown[]> => {
      const app = express()
      const got: unknown[] = []
      const done: string[] = []
      app.use((req, res, next) => {
        if (capture) captureRoute(requestsOf(req.app))
        res.on('close', () => done.push(''))
        got.push(req.route, req.baseUrl)
        next()
      })
      const router = express.Router()
      const note = (req: Request): unknown => got.push((req.route as { path?: unknown })?.path, req.baseUrl, req.url)
      router.use('/in/:x', (req, __, next) => {
        note(req)
        next()
      })
      router.get('/in/:x/end', (req, __, next) => {
        note(req)
        next(new Error('x'))
      })
      app.use('/out/:y', router)
      app.use((_error: Error, req: Request, res: { end(): void }, _next: () => void) => {
        note(req)
        res.end()
      })
      await askAll(app, ['/out/1/in/2/end', '/out/3/in/4/end'], done)
      return got
    }
    expect(await seen(true)).toEqual(await seen(false))
  })

  it('[CO-3] lets an application write req.route', () => {
    const app = express()
    captureRoute(requestsOf(app))
    const req = Object.create(requestsOf(app)) as Request
    req.route = { path: '/x' }
    expect(req.route).toEqual({ path: '/x' })
    Object.defineProperty(req, 'route', { value: '/own' })
    expect(req.route).toBe('/own')
  })

  it('[CO-3] does its work once', () => {
    const app = express()
    captureRoute(requestsOf(app))
    const before = Object.getOwnPropertyDescriptors(requestsOf(app))
    captureRoute(requestsOf(app))
    expect(Object.getOwnPropertyDescriptors(requestsOf(app))).toEqual(before)
  })

  it('[CO-3] changes nothing that another application has', () => {
    captureRoute(requestsOf(express()))
    expect('route' in requestsOf(express())).toBe(false)
    expect('baseUrl' in express.request).toBe(false)
  })

  it('[CO-3] leaves accessors of somebody else alone', () => {
    const app = express()
    Object.defineProperty(requestsOf(app), 'route', { get: () => 'theirs', configurable: true })
    captureRoute(requestsOf(app))
    expect((requestsOf(app) as { route?: unknown }).route).toBe('theirs')
  })

  it('[CO-3] does not write through to a request that another object has as its prototype', () => {
    const app = express()
    captureRoute(requestsOf(app))
    const req = Object.create(requestsOf(app)) as Request
    req.route = { path: '/outer' }
    const derived = Object.create(req) as Request
    expect(derived.route).toEqual({ path: '/outer' })
    derived.route = { path: '/inner' }
    expect([req.route, derived.route]).toEqual([{ path: '/outer' }, { path: '/inner' }])
  })

  it('[CO-3] sees the first request of an application, which is under way, on errors too', async () => {
    const app = express()
    const labels: string[] = []
    observe(app, labels)
    app.use('/t/:tenant', (__, _res, next) => next(Object.assign(new Error('no'), { status: 401 })))
    app.set('env', 'test')
    await askAll(app, ['/t/acme'], labels)
    expect(labels).toEqual(['/t/:tenant'])
  })

  it('[CO-3] hides nothing from an application that stands in a router, whose requests have another prototype', async () => {
    const app = express()
    const labels: string[] = []
    const seen: unknown[] = []
    observe(app, labels)
    const sub = express()
    const note = (req: Request): unknown => seen.push(req.baseUrl, (req.route as { path?: unknown } | undefined)?.path)
    sub.use((req, __, next) => {
      note(req)
      next()
    })
    sub.get('/:id', (req, __, next) => {
      note(req)
      next()
    })
    const router = express.Router()
    router.use('/in', sub)
    app.use('/out', router)
    app.use((req, res) => {
      note(req)
      res.end()
    })
    await askAll(app, ['/out/in/1'], labels)
    expect(seen).toEqual(['/out/in', undefined, '/out/in', '/:id', '', '/:id'])
  })

  it('[CO-3] knows the route also where nothing was captured', async () => {
    const app = express()
    const labels: string[] = []
    const router = express.Router()
    router.get('/:id', (req, res) => {
      res.on('close', () => labels.push(routeTemplate(req, app)))
      res.end()
    })
    app.use('/t/:tenant', router)
    await askAll(app, ['/t/t/2'], labels)
    expect(labels).toEqual(['/t/:tenant/:id'])
  })
})
