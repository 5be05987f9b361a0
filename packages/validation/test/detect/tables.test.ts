import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { allDetectors } from '../../src/detect/detectors.js'
import {
  detectCommandInjection,
  detectPathTraversal,
  detectSqlInjection,
  detectTemplateInjection,
  detectXss,
} from '../../src/index.js'
import { detectWith } from '../../src/detect/detector.js'

/** One text a line. */
const table = (name: string): readonly string[] =>
  readFileSync(join(__dirname, 'tables', name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')

const attacks = {
  sql: detectSqlInjection,
  xss: detectXss,
  shell: detectCommandInjection,
  path: detectPathTraversal,
  template: detectTemplateInjection,
}

describe('tables of attacks and innocents', () => {
  it.each(Object.entries(attacks))('[VA-4] C1 every attack of the table of %s is found at level 1', (name, detect) => {
    const texts = table(`${name}.txt`)
    expect(texts.length).toBeGreaterThan(45)
    expect(texts.filter((text) => detect(text) === undefined)).toEqual([])
  })

  it.each(Object.entries(attacks))('[VA-4] C4 the table of %s is found in percent encoding too', (name, detect) => {
    const encoded = table(`${name}.txt`).map((text) =>
      encodeURIComponent(text).replace(/['()*!~]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`),
    )
    const missed = encoded.filter((text) => detect(text) === undefined)
    expect(missed.length / encoded.length).toBeLessThan(0.03)
  })

  it('[VA-4] C2 no line of the table of innocents is an attack of any kind at level 1', () => {
    const texts = table('innocent.txt')
    expect(texts.length).toBeGreaterThan(350)
    const alarms = texts.flatMap((text) =>
      allDetectors.map((detector) => [detector.kind, text, detectWith(detector, text, {})?.rule]),
    )
    expect(alarms.filter(([, , rule]) => rule !== undefined)).toEqual([])
  })
})
