import { describe, expect, it } from '@jest/globals'
import { detectXss } from '../../src/index.js'
import { xssAttacks } from './xss-attacks.js'

describe('detectXss', () => {
  it('[VA-4] finds at least 98.5 % of every technique in every disguise at level 1', () => {
    const counts = new Map<string, { all: number; found: number }>()
    const missed: string[] = []
    let all = 0
    let found = 0
    for (const { technique, disguise, text } of xssAttacks()) {
      all++
      const hit = detectXss(text) !== undefined
      if (hit) found++
      else missed.push(`${technique} | ${disguise}: ${text}`)
      for (const name of [technique, disguise]) {
        const count = counts.get(name) ?? { all: 0, found: 0 }
        count.all++
        if (hit) count.found++
        counts.set(name, count)
      }
    }
    expect(all).toBeGreaterThan(3000)
    const weak = [...counts].filter(([, count]) => count.found / count.all < 0.95).map(([name]) => name)
    expect({ weak, missed: found / all < 0.985 || weak.length > 0 ? missed.slice(0, 40) : [] }).toEqual({
      weak: [],
      missed: [],
    })
  })

  it.each([
    ['UTF-7', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-'],
    ['seven bits', '\u00bcscript\u00bealert(1)\u00bc/script\u00be'],
    ['a call and nothing else', 'alert(document.domain)'],
    ['a link of Markdown', '[x](javascript:alert(1))'],
    ['style with escapes and comments', '<p style="x:ex/**/pre\\73sion(alert(1))">'],
    ['an entity for a document type', '<!DOCTYPE x [<!ENTITY y "z">]>'],
    ['a tag that never ends', '<img src=x onerror=alert(1)//'],
    ['a filter that cuts', '<scr<script>ipt>alert(1)</scr</script>ipt>'],
    ['an attribute that swallows', "<x y='foo\"><x foo='><img src=x onerror=alert(1)//'>"],
    ['a template of the page', "{{constructor.constructor('alert(1)')()}}"],
    ['code of two strings', '";a=alert;a(1)//alert(1)'],
  ])('[VA-4] finds %s', (_title, attack) => {
    expect(detectXss(attack)).toMatchObject({ kind: 'xss', score: 5, level: 1 })
  })

  it('[VA-4] says what it found without saying what it was', () => {
    expect(detectXss('<svg onload=secretFunction()>')).toEqual({
      kind: 'xss',
      rule: 'xss-event',
      severity: 'critical',
      score: 5,
      level: 1,
      fingerprint: 'svg:event',
    })
  })

  it.each([
    'onload=',
    'List<String> names = new ArrayList<>();',
    'Map<String, List<Integer>>',
    'if (a < b && c > d) { return a; }',
    '1 < 2 and 3 > 2',
    '<3 <3 <3',
    'Use <b>bold</b>, <i>italic</i> and <a href="https://example.com/?a=1&b=2">links</a>',
    '<p class="note">Hello, <em>world</em>!</p><ul><li>one</li></ul>',
    '<img src="/cat.png" alt="A cat" width=100>',
    '![logo](data:image/png;base64,iVBORw0KGgo=)',
    'JavaScript: The Good Parts (2008)',
    'data: 5 items, style: plain',
    '"one=1" online=true once = "x"',
    'Ann Lee <ann@example.com>',
    '<https://example.com/a?b=c>',
    'a regular expression (see below): x',
    '<Filter xmlns="http://www.opengis.net/ogc"><Literal>5</Literal></Filter>',
    'x <- c(1, 2); y <- x + 1',
    "console.log('a'); print('b')",
    'Prompt (Apple) and alert (bell)',
    'style="color: red; font-size: 12px"',
    '<!-- a comment -->',
    '<!DOCTYPE html>',
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectXss(innocent)).toBeUndefined()
  })
})
