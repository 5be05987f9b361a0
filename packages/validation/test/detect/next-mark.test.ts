import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { NextMark } from '../../src/detect/html/next-mark.js'

it('[VA-4] the next mark is where it stands, whatever was asked before', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '*', '/'), maxLength: 30 })
  fc.assert(
    fc.property(text, fc.array(fc.nat(30)), (within, questions) => {
      const next = new NextMark(within, '*/')
      const found = (from: number) => (within.indexOf('*/', from) === -1 ? Infinity : within.indexOf('*/', from))
      for (const from of questions) expect([from, next.after(from)]).toEqual([from, found(from)])
    }),
    { numRuns: 500 },
  )
})
