import { createServer } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { pagination, type PaginationOptions } from '../../src/index.js'
import { linkHeader } from '../../src/pagination/link-header.js'
import { appOf, versions } from '../apps.js'

describe.each(versions)('pagination, %s', (_name, express) => {
  const build = (options: PaginationOptions = {}, total: number | boolean = 95) => {
    const paged = pagination(options)
    return appOf(express, (app) => {
      const router = express.Router()
      router.get('/items', paged, (req, res) => {
        const page = paged.page(req)
        if (typeof total === 'number') page.setTotal(total)
        else page.setMore(total)
        res.json({ limit: page.limit, offset: page.offset })
      })
      app.use('/api', router)
    })
  }

  it('[VA-8] reads the page and writes X-Total-Count and Link', async () => {
    const { body, headers } = await request(build()).get('/api/items?q=a%20b&limit=10&offset=20')
    expect(body).toEqual({ limit: 10, offset: 20 })
    expect(headers['x-total-count']).toBe('95')
    expect(headers['link']).toBe(
      '</api/items?q=a+b&limit=10&offset=0>; rel="first", </api/items?q=a+b&limit=10&offset=10>; rel="prev", ' +
        '</api/items?q=a+b&limit=10&offset=30>; rel="next", </api/items?q=a+b&limit=10&offset=90>; rel="last"',
    )
  })

  it('[VA-8] answers in pages where pages were asked for', async () => {
    const { body, headers } = await request(build()).get('/api/items?page=10&perPage=10')
    expect(body).toEqual({ limit: 10, offset: 90 })
    expect(headers['link']).toBe(
      '</api/items?page=1&perPage=10>; rel="first", </api/items?page=9&perPage=10>; rel="prev", ' +
        '</api/items?page=10&perPage=10>; rel="last"',
    )
  })

  it('[VA-8] takes 20 from the start by default, at most 100', async () => {
    expect((await request(build()).get('/api/items')).body).toEqual({ limit: 20, offset: 0 })
    expect((await request(build()).get('/api/items?limit=100')).status).toBe(200)
    const { status, body } = await request(build()).get('/api/items?limit=101')
    expect(status).toBe(400)
    expect(body.errors).toEqual([
      { in: 'query', pointer: '#/limit', code: 'invalid_limit', detail: 'must be a whole number from 1 to 100' },
    ])
    expect((await request(build()).get('/api/items?perPage=0')).body.errors[0].pointer).toBe('#/perPage')
    expect((await request(build()).get('/api/items?page=0')).body.errors[0].pointer).toBe('#/page')
    expect((await request(build()).get('/api/items?offset=-1')).body.errors[0].pointer).toBe('#/offset')
    expect((await request(build()).get('/api/items?page=1&limit=1')).body.errors[0].pointer).toBe('#')
    expect((await request(build()).get('/api/items?limit=1&limit=2')).status).toBe(400)
  })

  it('[VA-8] links on without a count, and from a base where one is given', async () => {
    const more = await request(build({}, true)).get('/api/items?limit=5')
    expect(more.headers['x-total-count']).toBeUndefined()
    expect(more.headers['link']).toBe(
      '</api/items?limit=5&offset=0>; rel="first", </api/items?limit=5&offset=5>; rel="next"',
    )
    const based = await request(build({ baseUrl: 'https://api.example.com/' }, false)).get('/api/items?limit=5')
    expect(based.headers['link']).toBe('<https://api.example.com/api/items?limit=5&offset=0>; rel="first"')
  })

  it('[VA-8] goes by its options', async () => {
    const app = build({ defaultLimit: 5, maxLimit: 10, maxOffset: 50 })
    expect((await request(app).get('/api/items')).body).toEqual({ limit: 5, offset: 0 })
    expect((await request(app).get('/api/items?limit=11')).status).toBe(400)
    expect((await request(app).get('/api/items?offset=51')).status).toBe(400)
  })
})

describe('pagination', () => {
  it.each([
    ['//evil.example/items?limit=5', '/.//evil.example/items'],
    ['http://evil.example/items?limit=5', '/items'],
    ['http://evil.example//x/items?limit=5', '/.//x/items'],
    ['http://evil.example?limit=5', '/'],
    ['/items?next=http://evil.example/', '/items'],
  ])('[VA-8] links of %s lead to no other host', (target, path) => {
    const link = linkHeader(target, { limit: 5, offset: 5 }, 100, 'offset')
    const references = [...link.matchAll(/<([^>]*)>/g)].map(([, reference]) => reference as string)
    expect(references.length).toBe(4)
    for (const reference of references) {
      expect(reference.split('?')[0]).toBe(path)
      expect(new URL(reference, 'https://api.example.com').host).toBe('api.example.com')
    }
  })

  it('[VA-8] puts nothing into Link that would end a reference', () => {
    const link = linkHeader('/a>b"c<d\u00fc e?x=%3E%0d%0a', { limit: 1, offset: 0 }, 0, 'offset')
    expect(link).toBe(
      '</a%3Eb%22c%3Cd%C3%BC%20e?x=%3E%0D%0A&limit=1&offset=0>; rel="first", </a%3Eb%22c%3Cd%C3%BC%20e?x=%3E%0D%0A&limit=1&offset=0>; rel="last"',
    )
  })

  it.each([
    [{ limit: 10, offset: 0 }, 0, 0],
    [{ limit: 10, offset: 0 }, 10, 0],
    [{ limit: 10, offset: 0 }, 11, 10],
    [{ limit: 10, offset: 5 }, 21, 15],
    [{ limit: 10, offset: 5 }, 3, 0],
    [{ limit: 10, offset: 5 }, 5, 0],
    [{ limit: 10, offset: 5 }, 6, 5],
    [{ limit: 10, offset: 200 }, 95, 90],
  ])('[VA-8] finds the last page of %j in %i', (page, total, last) => {
    expect(linkHeader('/', page, total, 'offset')).toContain(`</?limit=10&offset=${last}>; rel="last"`)
  })

  it('[VA-8] works on a plain server', async () => {
    const paged = pagination()
    const server = createServer((req, res) => {
      paged(req, res, (error) => {
        res.statusCode = error === undefined ? 200 : 400
        res.end(error === undefined ? JSON.stringify(paged.page(req)) : '')
      })
    })
    expect(JSON.parse((await request(server).get('/?limit=3')).text)).toEqual({ limit: 3, offset: 0 })
    expect((await request(server).get('/?limit=3&limit=4')).status).toBe(400)
    expect(JSON.parse((await request(server).get('/')).text)).toEqual({ limit: 20, offset: 0 })
  })

  it('[VA-8] knows when it has not run', () => {
    expect(() => pagination().page({} as never)).toThrow(TypeError)
  })

  it.each([
    ['maxLimit', { maxLimit: 0 }],
    ['defaultLimit', { defaultLimit: 500 }],
    ['maxOffset', { maxOffset: 1.5 }],
    ['baseUrl', { baseUrl: 5 }],
    ['limit', { limit: 5 }],
  ])('[VA-8] refuses the option %s at creation', (option, options) => {
    expect(() => pagination(options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
  })
})
