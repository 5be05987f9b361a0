import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { allDetectors } from '../../src/detect/detectors.js'
import { Subject } from '../../src/detect/detector.js'
import { Inspection } from '../../src/detect/inspection.js'
import { resolveDetectThreatsOptions } from '../../src/detect/options.js'
import { countWork } from '../count-work.js'
import { pieces } from './pieces.js'

const readAll = (value: string) => {
  const subject = new Subject(value)
  for (const detector of allDetectors) subject.read(detector)
}

describe('growth of detection', () => {
  /** Largest exponent that counts as linear: overheads that are paid once make small texts look dear. */
  const exponent = 1.2
  const shapes = [
    '<p;a|/*!=',
    'src=<svg|</',
    '=<p</wherethis.',
    '`id`;cat',
    '"+',
    '<a b="<a c=\'<a d=`',
    "' or 1=1 ",
    '%2527style=&lt;+',
    '<!--<![<?',
    ';cat a|ls -l&',
    "'||(select ",
    'hello world it is ',
    '{%${{{<%',
    '\\u0027\\x27&#39;',
    ')(a=*)(|',
    "';return this.a==",
  ]
  const fill = (shape: string, length: number) => shape.repeat(Math.ceil(length / shape.length)).slice(0, length)

  const marked = fc.oneof(fc.constant(''), pieces)
  /** Looks at each character of a text that is nothing but the same pieces, between what may open and close them. */
  const looks = ([head, parts, tail]: [string, string[], string]) => {
    const text = head + fill(parts.join(''), 2 ** 16) + tail
    return countWork(() => readAll(text)) / text.length
  }

  it('[VA-4] looks at each character a bounded number of times, whatever pieces repeat', () => {
    fc.assert(
      fc.property(fc.tuple(marked, fc.array(pieces, { minLength: 1, maxLength: 5 }), marked), (text) => {
        expect([text, looks(text) <= 200]).toEqual([text, true])
      }),
      { numRuns: 200 },
    )
  })

  it.each<[string, string[], string]>([
    ['', ["onload=when/*!'a"], ''],
    ['', ["onload=when/*!'a"], '*/'],
    ['', ['=javascript:a/* '], ''],
    ['', ['=javascript:a/* '], '*/'],
    ['', ['</', '~'], '>'],
    ['', ['</', '~'], ''],
    ['', ['<!a'], '>'],
  ])('[VA-4] looks for the end of what repeats and is never closed, or only at the end, once: %j', (...text) => {
    expect(looks(text)).toBeLessThanOrEqual(100)
  })

  it.each(shapes.filter((_, at) => at % 2 === 0))(
    '[VA-4] up to a megabyte, each detector does work in proportion: %j',
    (shape) => {
      const work = (length: number) => countWork(() => readAll(fill(shape, length)))
      const [small, large] = [work(2 ** 17), work(2 ** 20)]
      expect(Math.log(large / small) / Math.log(8)).toBeLessThanOrEqual(exponent)
    },
  )

  it.each(shapes.slice(5, 12))(
    '[VA-4] an inspection of a megabyte does no more work than its limits allow: %j',
    (shape) => {
      const { rules } = resolveDetectThreatsOptions('detectThreats')
      const inspect = (data: unknown) =>
        countWork(() => {
          const inspection = new Inspection(rules)
          inspection.data(data, 'body')
        })
      const list = Array.from({ length: 2 ** 14 }, () => fill(shape, 64))
      // One look at every character, and what the limit allows of closer ones.
      for (const data of [{ text: fill(shape, 2 ** 20) }, { list }]) expect(inspect(data)).toBeLessThan(40_000_000)
    },
  )

  it('[VA-4] an inspection keeps nothing of what it has seen', () => {
    const { rules } = resolveDetectThreatsOptions('detectThreats')
    const inspection = new Inspection(rules)
    inspection.data({ secret: { name: "' or 1=1 --" } }, 'body')
    expect(inspection.end()).toHaveLength(1)
    expect(inspection.end()).toEqual([])
    inspection.data({ list: ["it's"] }, 'body')
    expect(inspection.end()).toEqual([])
    expect(JSON.stringify(inspection)).not.toContain('secret')
  })
})
