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

const percent = (text: string): string =>
  encodeURIComponent(text).replace(/['()*!~]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
const marks = (text: string, spell: (code: number) => string): string =>
  text.replace(/[^\w ]/g, (mark) => spell(mark.charCodeAt(0)))

/** One way of spelling each that a reader behind the application undoes. */
const layers: Readonly<Record<string, (text: string) => string>> = {
  percent,
  'percent twice': (text) => percent(percent(text)),
  'percent and plus': (text) => percent(text).replaceAll('%20', '+'),
  '%u0027': (text) => marks(text, (code) => `%u${code.toString(16).padStart(4, '0')}`),
  '&#39;': (text) => marks(text, (code) => `&#${code};`),
  '&#x27;': (text) => marks(text, (code) => `&#x${code.toString(16)};`),
  '\\u0027': (text) => marks(text, (code) => `\\u${code.toString(16).padStart(4, '0')}`),
  'full width': (text) => text.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
  'null bytes': (text) => text.replaceAll(' ', ' \0'),
}

describe('tables of attacks and innocents', () => {
  it.each(Object.entries(attacks))('[VA-4] C1 every attack of the table of %s is found at level 1', (name, detect) => {
    const texts = table(`${name}.txt`)
    expect(texts.length).toBeGreaterThan(45)
    expect(texts.filter((text) => detect(text) === undefined)).toEqual([])
  })

  it.each(Object.entries(layers))('[VA-4] C4 SQL and XSS are found through one more layer: %s', (_, encode) => {
    for (const name of ['sql', 'xss'] as const) {
      // What is encoded already would have a layer too many.
      const texts = table(`${name}.txt`).filter((text) => /^[ -~]*$/.test(text) && !/[%&\\+]/.test(text))
      const missed = texts.filter((text) => attacks[name](encode(text)) === undefined)
      expect(texts.length).toBeGreaterThan(300)
      expect(missed).toEqual([])
    }
  })

  it('[VA-4] C4 SQL and XSS are found in Base64 of a whole value', () => {
    for (const name of ['sql', 'xss'] as const) {
      const texts = table(`${name}.txt`).filter((text) => /^[ -~]{12,}$/.test(text) && !/[%&\\+]/.test(text))
      const missed = texts.filter((text) => attacks[name](Buffer.from(text).toString('base64')) === undefined)
      expect(texts.length).toBeGreaterThan(200)
      expect(missed).toEqual([])
    }
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
