import { describe, expect, it } from '@jest/globals'
import type { Request } from 'express'
import fc from 'fast-check'
import { captureRoute } from '../../src/route/index.js'
import { dialects, labelOf, requestsOf, type Application, type Dialect, type Router } from './labels.js'

// Few words, so that values equal literals all the time.
const words = ['a', 'b', 'users']
const segment = fc.constantFrom(...words, ':a', ':b', ':id')
const pattern = (minLength: number): fc.Arbitrary<string> =>
  fc
    .uniqueArray(segment, { minLength, maxLength: 3, selector: (part) => (part.startsWith(':') ? part : {}) })
    .map((parts) => `/${parts.join('/')}`)

interface Plan {
  readonly mergeParams: boolean
  readonly routes: readonly { readonly path: string; readonly outcome: 'answer' | 'fail' | 'pass' }[]
  readonly mounts: readonly { readonly path: string; readonly to: number }[]
}

const plan: fc.Arbitrary<Plan> = fc.record({
  mergeParams: fc.boolean(),
  routes: fc.array(
    fc.record({ path: pattern(0), outcome: fc.constantFrom('answer' as const, 'fail' as const, 'pass' as const) }),
    { maxLength: 2 },
  ),
  mounts: fc.array(fc.record({ path: pattern(0), to: fc.nat({ max: 1 }) }), { minLength: 1, maxLength: 2 }),
})

const url = fc
  .array(fc.constantFrom(...words, 'USERS', '%61', 'x%20y'), { maxLength: 9 })
  .map((parts) => `/${parts.join('/')}`)

/** A route that passed on may run again by another mount of its router: then either place is right. */
interface Seen {
  readonly places: Map<unknown, string[]>
  expected: readonly string[]
}
type Marked = Request & { marks?: string[]; seen: Seen }

/** Four levels of routers, of which each may stand at several places of the level above. */
function build({ express, finish }: Dialect, levels: readonly (readonly Plan[])[]): Application {
  const app = express()
  captureRoute(requestsOf(app))
  let below: Router[] = []
  for (let depth = levels.length - 1; depth >= 0; depth--) {
    const routers = (levels[depth] as readonly Plan[]).map(({ mergeParams }) => express.Router({ mergeParams }))
    routers.forEach((router, at) => fill(router, (levels[depth] as readonly Plan[])[at] as Plan, depth, below))
    below = routers
  }
  app.use(below[0] as Router)
  finish(app)
  return app
}

function fill(router: Router, { routes, mounts }: Plan, depth: number, below: readonly Router[]): void {
  for (const { path, outcome } of routes) {
    router.get(path, (request, res, next) => {
      const { marks = [], seen, route } = request as unknown as Marked
      const template = [...marks.slice(0, depth), path].filter((part) => part !== '/').join('') || '/'
      seen.expected = [...(seen.places.get(route) ?? []), template]
      seen.places.set(route, [...seen.expected])
      if (outcome === 'answer') res.end()
      else next(outcome === 'fail' ? new Error('no') : undefined)
    })
  }
  for (const { path, to } of mounts) {
    const target = below[to]
    if (target === undefined) continue
    const mark = (req: Marked, _: unknown, next: () => void): void => {
      req.marks = [...(req.marks ?? []).slice(0, depth), path]
      next()
    }
    router.use(path, mark as never, target)
  }
}

describe.each(dialects)('the route template on %s', (_, dialect) => {
  it('[CO-3] is that of the route that ran, however routers are nested and values collide', async () => {
    let routed = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(plan, { minLength: 2, maxLength: 2 }), { minLength: 4, maxLength: 4 }),
        fc.array(url, { minLength: 12, maxLength: 12 }),
        async (levels, urls) => {
          const app = build(dialect, levels)
          for (const path of urls) {
            const seen: Seen = { places: new Map(), expected: ['unmatched'] }
            const label = await labelOf(app, path, { seen })
            if (!seen.expected.includes(label)) expect([path, label]).toEqual([path, seen.expected])
            if (label.includes(':')) routed++
          }
        },
      ),
      { numRuns: 200 },
    )
    // Enough of them went through mounts for this to mean something.
    expect(routed).toBeGreaterThan(100)
  })
})
