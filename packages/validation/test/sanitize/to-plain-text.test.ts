import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { toPlainText } from '../../src/index.js'
import { payloads } from './html-payloads.js'

describe('toPlainText', () => {
  it.each([
    ['1 &lt; 2 &amp;&amp; 3 &gt; 2', '1 < 2 && 3 > 2'],
    ['<p>1 &lt; 2</p>', '1 < 2'],
    [
      '&copy; 2026 &mdash; caf&eacute; &#8364; &#x1F600; &nbsp;.',
      '\u00a9 2026 \u2014 caf\u00e9 \u20ac \u{1f600} \u00a0.',
    ],
    ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
    ['&quot;x&apos;', '"x\''],
    ['AT&T &unknown; &', 'AT&T &unknown; &'],
  ])('[VA-2] decodes character references: %s', (html, text) => {
    expect(toPlainText(html)).toBe(text)
  })

  it.each([
    ['<p>one</p><p>two</p>', 'one\ntwo'],
    ['one<br>two<br/>three', 'one\ntwo\nthree'],
    ['<ul><li>a<li>b</ul>', 'a\nb'],
    ['<table><tr><td>a</td><td>b</td></tr></table>', 'a\tb'],
    ['a<b>b</b>c', 'abc'],
    ['<script>x()</script>a<style>p{}</style>b<!-- c -->d', 'abd'],
    ['<title>t</title><textarea>x</textarea>y', 'y'],
    ['<p title="a > b">x</p>', 'x'],
    ["<p title='</p>'>x</p>", 'x'],
    ['a < b and c > d', 'a < b and c > d'],
    ['I <3 you', 'I <3 you'],
    ['x <', 'x <'],
    ['</', '</'],
    ['a</>b', 'ab'],
    ['a<!>b<?x?>c<!-->d<!--->e', 'abcde'],
    ['a<plaintext>b</plaintext>', 'a'],
    ['<SCRIPT>x</Script >a', 'a'],
    ['<script>x</scripty></script>a', 'a'],
    ['<a href=x>y', 'y'],
    ['y<a href="x', 'y'],
  ])('[VA-2] reads the text of %s', (html, text) => {
    expect(toPlainText(html)).toBe(text)
  })

  it('[VA-2] returns text without markup untouched', () => {
    for (const text of ["O'Brien", '  spaces stay  ', '5 > 3', 'a\r\nb', '']) expect(toPlainText(text)).toBe(text)
  })

  it('[VA-2] never fails, and takes every element away', () => {
    for (const payload of payloads.filter((html) => !/&lt;|&#/.test(html))) {
      expect(toPlainText(payload)).not.toMatch(/<[a-z]/i)
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof toPlainText(text) === 'string'))
  })
})
