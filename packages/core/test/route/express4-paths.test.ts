import { describe, expect, it } from '@jest/globals'
import type { Request, Response } from 'express'
import { dialects, labelsOf } from './labels.js'

const [, express4] = dialects.find(([, { is4 }]) => is4) as (typeof dialects)[number]

describe('the template of a mount on Express 4, which keeps its expression alone', () => {
  it.each<[mount: string | RegExp | (string | RegExp)[], path: string, label: string]>([
    ['/x/:id(\\d+)', '/x/7', '/x/:id(\\d+)'],
    ['/x/:id([a-z]{2,3})/y', '/x/ab/y', '/x/:id([a-z]{2,3})/y'],
    ['/x/:id(*)', '/x/a', '/x/:id(*)'],
    ['/:a(\\d+)?/b', '/7/b', '/:a(\\d+)?/b'],
    ['/:a?/b', '/b/b', '/:a?/b'],
    ['/:a-:b.:c', '/a-b.c', '/:a-:b.:c'],
    ['/f.:ext', '/f.txt', '/f.:ext'],
    ['/:p*', '/a', '/:p*'],
    ['/w/*/z', '/w/a/b/z', '/w/*/z'],
    ['/ab+cd', '/abbbcd', '/ab+cd'],
    ['/a(bc)?d', '/abcd', '/a(bc)?d'],
    ['/:a/(x|y)', '/x/y', '/:a/(x|y)'],
    ['/a|b', '/a', '/^\\/a|b\\/?(?=\\/|$)/i'],
    ['/API/V1', '/api/v1', '/API/V1'],
    [/^\/r(\d+)/g, '/r7', '/^\\/r(\\d+)/g'],
    [/^\/e(?:\/([^/]+?))\/?(?=\/|$)/, '/e/1', '/^\\/e(?:\\/([^/]+?))\\/?(?=\\/|$)/'],
    [/^\/q|^\/z/, '/z', '/^\\/q|^\\/z/'],
    [['/k/:m', /^\/q|^\/z/, '/:l/o'], '/z', '/^\\/z/'],
    [['/k/:m', /^\/q(\d)/, '/:l/o'], '/o/o', '/:l/o'],
    [['/k/:m', '/:l/o'], '/k/o', '/k/:m'],
  ])('[CO-3] writes %s back', async (mount, path, label) => {
    const got = await labelsOf(
      express4,
      (app) => {
        const router = express4.express.Router()
        router.use((_: Request, res: Response) => void res.end())
        app.use(mount, router)
      },
      `${path}/more`,
    )
    expect(got).toEqual([label])
  })
})
