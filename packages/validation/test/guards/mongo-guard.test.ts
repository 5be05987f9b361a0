import { describe, expect, it } from '@jest/globals'
import { mongoGuard, MongoGuardError } from '../../src/index.js'
import { countWork } from '../count-work.js'

const guarded = (query: unknown, inputs: unknown) => {
  try {
    mongoGuard(query, inputs)
    return 'passes'
  } catch (error) {
    if (error instanceof MongoGuardError) return error.reason
    throw error
  }
}

describe('mongoGuard', () => {
  it.each<[string, (body: Record<string, unknown>) => unknown, Record<string, unknown>]>([
    ['an operator for a value', (body) => ({ password: body['p'] }), { p: { $ne: null } }],
    ['an operator deeper down', (body) => ({ $and: [{ profile: body['p'] }] }), { p: { age: { $gt: 0 } } }],
    ['an operator in a list', (body) => ({ tags: { $in: body['p'] } }), { p: [{ $regex: '.' }] }],
    ['a whole filter', (body) => body, { $where: 'sleep(1000)' }],
    ['a copied filter', (body) => structuredClone(body), { $or: [{}, { a: 1 }] }],
    ['a filter through JSON', (body) => JSON.parse(JSON.stringify({ a: body['p'] })), { p: { $exists: true } }],
    ['an operator that is chosen', (body) => ({ age: { [body['op'] as string]: 5 } }), { op: '$ne' }],
    ['script', (body) => ({ $where: `this.name == '${String(body['n'])}'` }), { n: "x' || '1'=='1" }],
    ['script without quotes', (body) => ({ $where: `this.age == ${String(body['n'])}` }), { n: '1 || true' }],
    ['script in a template', (body) => ({ $where: `\`${String(body['n'])}\` == this.a` }), { n: '${sleep(9)}' }],
    [
      'script in the code of a template',
      (body) => ({ $where: `\`\${${String(body['n'])}}\` == this.a` }),
      { n: 'sleep(9)' },
    ],
    ['script over a line end', (body) => ({ $where: `this.a == "${String(body['n'])}"` }), { n: 'x\n|| 1' }],
    ['an update', (body) => [{ _id: 1 }, body], { $set: { admin: true } }],
    ['a pipeline', (body) => [{ $match: {} }, body['stage']], { stage: { $lookup: { from: 'users' } } }],
  ])('[VA-5] refuses %s', (_title, build, body) => {
    expect(guarded(build(body), [body])).not.toBe('passes')
  })

  it.each<[string, (body: Record<string, unknown>) => unknown, Record<string, unknown>]>([
    ['values', (body) => ({ name: body['n'], age: { $gte: 18 } }), { n: "O'Brien $5" }],
    ['own operators', (body) => ({ $or: [{ a: body['a'] }, { b: body['a'] }] }), { a: '$100' }],
    ['a document', (body) => ({ $set: { address: body['a'] } }), { a: { street: 'Main St', price: '$5' } }],
    [
      'a literal in script',
      (body) => ({ $where: `this.name == ${JSON.stringify(body['n'])}` }),
      { n: 'it is; true || x' },
    ],
    [
      'a literal behind a template',
      (body) => ({ $where: `\`\${this.a + {b: 1}.b} is ${String(body['n'])}\` == this.c` }),
      { n: 'it is; true' },
    ],
    ['a word in script', (body) => ({ $where: `this.${String(body['f'])} > 1` }), { f: 'age' }],
    ['dates, binaries and ids', () => ({ at: new Date(0), id: new Uint8Array(12), x: null }), {}],
  ])('[VA-5] lets %s pass', (_title, build, body) => {
    expect(guarded(build(body), [body])).toBe('passes')
  })

  it('[VA-5] leaves Object.prototype untouched and refuses __proto__', () => {
    const body = JSON.parse('{"p": {"__proto__": {"admin": true}}}') as Record<string, unknown>
    expect(guarded({ p: body['p'] }, [body])).toBe('reaches for a prototype')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it('[VA-5] does work in proportion to the script, whatever stands in it', () => {
    const work = (size: number): number => {
      const text = 'a '.repeat(size)
      return countWork(() => mongoGuard({ $where: `this.a == "${text}"` }, ['a a', 'a a a', text]))
    }
    expect(work(20_000)).toBeLessThan(work(2_000) * 15)
  })

  it('[VA-5] survives cycles and depth', () => {
    const cycle: Record<string, unknown> = { a: 1 }
    cycle['self'] = cycle
    expect(guarded(cycle, [])).toBe('passes')
    let deep: unknown = 1
    for (let depth = 0; depth < 10_000; depth++) deep = { deep }
    expect(guarded({ deep }, [deep])).toBe('is too deep')
  })

  it('[VA-5] throws for the client without the input', () => {
    expect(() => mongoGuard({ a: { $ne: 1 } }, [{ a: { $ne: 1 } }])).toThrow(
      expect.objectContaining({ status: 403, code: 'ERR_VALIDATION_MONGO_GUARD' }),
    )
  })
})
