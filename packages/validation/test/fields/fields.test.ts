import { describe, expect, it } from '@jest/globals'
import request from 'supertest'
import { fields, type FieldsOptions } from '../../src/index.js'
import { fieldTree, pickFields } from '../../src/fields/pick-fields.js'
import { appOf, versions } from '../apps.js'

const item = {
  id: 1,
  name: 'One',
  secret: 'x',
  author: { name: 'Ada', mail: 'a@example.com', org: { id: 9, key: 'k' } },
  tags: [{ t: 1, u: 2 }],
}

describe.each(versions)('fields, %s', (_name, express) => {
  const build = (options: FieldsOptions, body: unknown = item, status = 200) => {
    const chosen = fields(options)
    return appOf(express, (app) =>
      app.get('/', chosen, (req, res) => {
        res.set('X-Selected', (chosen.selected(req) ?? ['-']).join(' '))
        res.status(status).json(body)
      }),
    )
  }
  const allow = ['id', 'name', 'author.name', 'author.org', 'tags']

  it.each([
    ['', item],
    ['?fields=id,name', { id: 1, name: 'One' }],
    ['?fields=%20id%20,,', { id: 1 }],
    ['?fields=author.name', { author: { name: 'Ada' } }],
    ['?fields=author.org', { author: { org: { id: 9, key: 'k' } } }],
    ['?fields=author.org.id,author.name', { author: { name: 'Ada', org: { id: 9 } } }],
    ['?fields=author.org,author.org.id', { author: { org: { id: 9, key: 'k' } } }],
    ['?fields=tags.t', { tags: [{ t: 1 }] }],
    ['?fields=', {}],
  ])('[VA-8] answers %j with the fields that were asked for', async (query, expected) => {
    const { body } = await request(build({ allow })).get(`/${query}`)
    expect(body).toEqual(expected)
  })

  it('[VA-8] works on lists, and below a root', async () => {
    const list = await request(build({ allow }, [item, item])).get('/?fields=id')
    expect(list.body).toEqual([{ id: 1 }, { id: 1 }])
    const rooted = await request(build({ allow, root: 'data' }, { data: [item], total: 1 })).get('/?fields=id')
    expect(rooted.body).toEqual({ data: [{ id: 1 }], total: 1 })
    const other = await request(build({ allow, root: 'data' }, { message: 'x' })).get('/?fields=id')
    expect(other.body).toEqual({ message: 'x' })
  })

  it.each(['secret', 'author', 'author.mail', '__proto__', 'constructor', 'id,secret', 'toString'])(
    '[VA-8] refuses %s, which is not on the list',
    async (names) => {
      const { status, body } = await request(build({ allow })).get(`/?fields=${names}`)
      expect(status).toBe(400)
      expect(body.errors).toEqual([
        { in: 'query', pointer: '#/fields', code: 'unknown_field', detail: `must be of ${allow.join(', ')}` },
      ])
    },
  )

  it('[VA-8] passes over what is not on the list, where that is asked for', async () => {
    const { body } = await request(build({ allow, unknown: 'ignore' })).get('/?fields=id,secret,__proto__')
    expect(body).toEqual({ id: 1 })
  })

  it.each([
    'fields[]=id&fields[]=name',
    'fields=id&fields=name',
    `fields=${'id,'.repeat(101)}`,
    `fields=${'i'.repeat(5_000)}`,
  ])('[VA-8] refuses a parameter of another shape', async (query) => {
    const app = build({ allow })
    app.set('query parser', 'extended')
    const { status, body } = await request(app).get(`/?${query}`)
    expect([status, body.errors?.[0]?.code]).toEqual([400, 'invalid_fields'])
  })

  it('[VA-8] tells the route what was asked for, always with what must be there', async () => {
    const app = build({ allow, always: ['id'], param: 'only' })
    const chosen = await request(app).get('/?only=name')
    expect(chosen.body).toEqual({ id: 1, name: 'One' })
    expect(chosen.headers['x-selected']).toBe('id name')
    expect((await request(app).get('/?fields=name')).headers['x-selected']).toBe('-')
  })

  it('[VA-8] leaves errors as they are, and asks toJSON first', async () => {
    expect((await request(build({ allow }, { error: 'x' }, 422)).get('/?fields=id')).body).toEqual({ error: 'x' })
    const document = { hidden: 1, toJSON: () => ({ id: 5, name: 'J', when: new Date(0) }) }
    expect((await request(build({ allow: ['id', 'when'] }, document)).get('/?fields=id,when')).body).toEqual({
      id: 5,
      when: '1970-01-01T00:00:00.000Z',
    })
    expect((await request(build({ allow }, 'text')).get('/?fields=id')).body).toBe('text')
  })
})

describe('fields', () => {
  it('[VA-8] C7 picks nothing that every object inherits', () => {
    const picked = pickFields({ id: 1 }, fieldTree(['id', 'toString', 'constructor', '__proto__'])) as object
    expect(Object.keys(picked)).toEqual(['id'])
    expect(Object.hasOwn(picked, 'toString')).toBe(false)
  })

  it.each([
    ['allow', {}],
    ['allow', { allow: [] }],
    ['allow', { allow: ['a,b'] }],
    ['allow', { allow: ['a..b'] }],
    ['param', { allow: ['a'], param: '' }],
    ['root', { allow: ['a'], root: '' }],
    ['unknown', { allow: ['a'], unknown: 'drop' }],
    ['deny', { allow: ['a'], deny: ['b'] }],
  ])('[VA-8] refuses the option %s at creation', (option, options) => {
    expect(() => fields(options as never)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
    expect(fields({ allow: ['a'], param: undefined, always: undefined } as never).name).toBe('fieldsMiddleware')
  })
})
