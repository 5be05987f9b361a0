import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { instanceOf } from '../src/instance.js'
import { negotiator } from '../src/negotiate.js'
import { escapeHtml, renderHtml } from '../src/render.js'
import { toPointer, toProblem } from '../src/index.js'
import { schemaErrors } from './support.js'

describe('properties', () => {
  it('[ER-2] any value that is thrown gives a valid problem', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }), (thrown) => {
        expect(schemaErrors(toProblem(thrown))).toEqual([])
      }),
    )
  })

  it('[ER-2] any members of an error give a valid problem whose 5xx says nothing of them', () => {
    const names = [
      'status',
      'statusCode',
      'code',
      'type',
      'name',
      'message',
      'headers',
      'issues',
      'errors',
      'cause',
      'expose',
    ]
    const error = fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.anything(), fc.integer({ min: 390, max: 610 })))
    fc.assert(
      fc.property(error, (members) => {
        const thrown = Object.assign(new Error('canary-1'), { detail: 'canary-2' }, members)
        const problem = toProblem(thrown)
        expect(schemaErrors(problem)).toEqual([])
        if (problem.status >= 500) expect(JSON.stringify(problem)).not.toContain('canary')
      }),
      { numRuns: 500 },
    )
  })

  it('[ER-2] any Accept gets one of the formats, the same one each time', () => {
    const accept = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('text/html', '*/*', 'q=', ';', ',', '0.5', 'a/b', ' ')).map((parts) => parts.join('')),
    )
    const negotiate = negotiator(['json', 'html', 'text'])
    fc.assert(
      fc.property(accept, (header) => {
        const format = negotiate(header)
        expect(['json', 'html', 'text']).toContain(format)
        expect(negotiate(header)).toBe(format)
      }),
    )
  })

  it('[ER-2] any path gives a URI reference of this host', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        const instance = instanceOf(`/${path}`)
        if (instance === undefined) return
        expect(instance).toMatch(/^\/(?!\/)[!-~]*$/)
        expect(new URL(instance, 'http://here.example').host).toBe('here.example')
      }),
    )
  })

  it('[ER-2] no text breaks out of the page', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/)
        const page = renderHtml(
          { type: text, title: text, status: 400, detail: text, code: text, requestId: text },
          text,
        )
        expect(page.match(/<[a-z]+/g)).toEqual(
          renderHtml({ type: '', title: '', status: 400, detail: '', code: '', requestId: '' }, '').match(/<[a-z]+/g),
        )
      }),
    )
  })

  it('[ER-4] any pointer leads back to its path', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat())), (path) => {
        const back = toPointer(path)
          .split('/')
          .slice(1)
          .map((segment) => decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~'))
        expect(back).toEqual(path.map(String))
      }),
    )
  })
})
