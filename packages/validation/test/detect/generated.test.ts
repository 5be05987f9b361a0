import { describe, expect, it } from '@jest/globals'
import {
  detectCommandInjection,
  detectPathTraversal,
  detectSqlInjection,
  detectTemplateInjection,
  detectXss,
} from '../../src/index.js'
import { generated, type GrammarName } from './attack-grammars.js'

/** Least share that has to be found at level 1; what a grammar makes is not always an attack that stands out. */
const kinds: readonly (readonly [GrammarName, (text: string) => unknown, number])[] = [
  ['sql', detectSqlInjection, 0.985],
  ['xss', detectXss, 0.985],
  ['path', detectPathTraversal, 0.985],
  ['shell', detectCommandInjection, 0.95],
  ['template', detectTemplateInjection, 0.93],
]

describe('attacks made from grammars', () => {
  it.each(kinds)(
    '[VA-4] C1 of sentences of the grammar of %s that share is found at level 1',
    (name, detect, share) => {
      for (const seed of [1, 7, 4711]) {
        const texts = generated(name, 3000, seed)
        expect(texts.length).toBeGreaterThan(150)
        const missed = texts.filter((text) => detect(text) === undefined)
        expect([missed.slice(0, 20), 1 - missed.length / texts.length >= share]).toEqual([expect.anything(), true])
      }
    },
  )

  it('[VA-4] the grammars give different attacks for different seeds, and the same ones for the same', () => {
    expect(generated('sql', 50, 1)).toEqual(generated('sql', 50, 1))
    expect(generated('sql', 50, 1)).not.toEqual(generated('sql', 50, 2))
  })
})
