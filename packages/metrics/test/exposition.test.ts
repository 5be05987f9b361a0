import { describe, expect, it } from '@jest/globals'
import { FakeClock } from '@hardening/test-utils'
import fc from 'fast-check'
import { Gauge, Registry } from 'prom-client'
import { counter } from '../src/exposition/labelled.js'
import { createScraper } from '../src/exposition/scrape.js'
import { parseExposition } from './exposition-parser.js'

describe('exposition', () => {
  it('[ME-2] F4 any label value and any number come back from both formats as they were', async () => {
    const label = fc.string({ unit: 'grapheme', maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(label, label, fc.double(), async (first, second, value) => {
        const registry = new Registry()
        counter('test', registry, { name: 'own_total', help: first, labels: ['a', 'b'], maxSeries: 5 }).with(
          first,
          second,
        ).value = value
        const gauge = new Gauge({ name: 'foreign', help: 'h', labelNames: ['a'], registers: [registry] })
        gauge.set({ a: first }, value)
        for (const format of ['text', 'openmetrics'] as const) {
          const body = await createScraper(registry, 1_000, new FakeClock())(format)
          const found = parseExposition(body.toString(), format === 'openmetrics')
          expect(found.all('own_total')).toEqual([
            { name: 'own_total', labels: { a: first, b: second }, value: value + 0 },
          ])
          expect(found.all('foreign')).toEqual([{ name: 'foreign', labels: { a: first }, value: value + 0 }])
        }
      }),
      { numRuns: 200, examples: [['\u2028', '\r', 0]] },
    )
  })
})
