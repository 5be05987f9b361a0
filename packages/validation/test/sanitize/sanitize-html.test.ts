import { execFileSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { htmlSanitizer, sanitizeHtml, type HtmlProfile, type SanitizeHtmlOptions } from '../../src/index.js'
import { asBrowsersRead, HtmlEngine } from '../../src/sanitize/html-engine.js'
import { stripTags } from '../../src/sanitize/strip-tags.js'
import { countWork } from '../count-work.js'
import { executableParts } from './executable.js'
import { payloads } from './html-payloads.js'

const profiles: readonly HtmlProfile[] = ['none', 'inline', 'basic', 'rich']

const fragment = fc.oneof(
  fc.constantFrom(...payloads),
  fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '=',
    '/',
    ' ',
    '<!--',
    '-->',
    '--!>',
    '<![CDATA[',
    ']]>',
    '&lt;',
    '&#60;',
    '\0',
    '`',
  ),
  fc.constantFrom(
    '<p>',
    '</p>',
    '<table>',
    '<td>',
    '<b>',
    '<svg>',
    '<math>',
    '<style>',
    '</style>',
    '<title>',
    '<select>',
  ),
  fc.constantFrom(
    '<a href=',
    '<img src=',
    ' onerror=',
    'javascript:',
    'alert(1)',
    '</',
    '<noscript>',
    '<textarea>',
    '<mtext>',
  ),
  fc.string({ maxLength: 6 }),
)
const document = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(''))

describe('sanitizeHtml', () => {
  it.each(profiles)('[VA-2] C9 leaves nothing that runs of any payload, profile %s', (profile) => {
    for (const payload of payloads) {
      expect([payload, executableParts(sanitizeHtml(payload, profile))]).toEqual([payload, []])
      const inside = `<p>before ${payload} after</p>`
      expect([payload, executableParts(sanitizeHtml(inside, profile))]).toEqual([payload, []])
    }
  })

  it('[VA-2] C9 the check itself sees what runs', () => {
    expect(executableParts('<img src=x onerror=alert(1)>')).toContain('onerror')
    expect(executableParts('<a href="jav&#x09;ascript:alert(1)">x</a>')).not.toEqual([])
    expect(executableParts('<svg><p>x')).not.toEqual([])
  })

  it('[VA-2] C9 leaves nothing that runs of any combination of them', () => {
    fc.assert(
      fc.property(document, fc.constantFrom(...profiles), (html, profile) => {
        expect(executableParts(sanitizeHtml(html, profile))).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  it('[VA-2] C9 gives the same on the newest sanitize-html', () => {
    const script = `
      const Module = require('node:module')
      const resolve = Module._resolveFilename
      Module._resolveFilename = (name, ...rest) => resolve.call(Module, name === 'sanitize-html' ? process.argv[1] : name, ...rest)
      let input = ''
      process.stdin.on('data', (chunk) => (input += chunk)).on('end', () => {
        const engine = require('sanitize-html')
        const { options, payloads } = JSON.parse(input)
        options.transformTags = { a: (tagName, attribs) => (attribs.href === undefined ? delete attribs.rel : (attribs.rel = 'nofollow'), { tagName, attribs }) }
        process.stdout.write(JSON.stringify(payloads.map((html) => engine(html, options))))
      })`
    const options = engineOptions({
      tags: ['p', 'a', 'b', 'img', 'table', 'td', 'details'],
      attributes: { a: ['href', 'rel'], img: ['src'], '*': ['title'] },
      classes: {},
      styles: [],
      schemes: ['http', 'https', 'mailto'],
      iframeHosts: [],
      linkRel: 'nofollow',
      maxDepth: 100,
      maxTags: 1_000,
    })
    // As the wrapper hands them on.
    const clean = payloads.map((html) => asBrowsersRead(html.replaceAll('\0', '')))
    const run = (version: string): string[] =>
      JSON.parse(
        execFileSync(process.execPath, ['-e', script, require.resolve(version)], {
          input: JSON.stringify({ options, payloads: clean }),
          encoding: 'utf8',
          stdio: ['pipe', 'pipe', 'ignore'],
        }),
      ) as string[]
    const newest = run('sanitize-html-latest')
    expect(newest).toEqual(run('sanitize-html'))
    expect(newest.flatMap(executableParts)).toEqual([])
  })

  it('[VA-2] keeps what each profile is for', () => {
    const html =
      '<h1>T</h1><p>a <b>b</b> <a href="/x">l</a></p><ul><li>1</li></ul><img src="https://a.example/i.png" alt="i" />'
    const rel = 'rel="nofollow ugc noopener noreferrer"'
    expect(sanitizeHtml(html, 'none')).toBe('Ta b l1')
    expect(sanitizeHtml(html, 'inline')).toBe(`Ta <b>b</b> <a href="/x" ${rel}>l</a>1`)
    expect(sanitizeHtml(html)).toBe(`T<p>a <b>b</b> <a href="/x" ${rel}>l</a></p><ul><li>1</li></ul>`)
    expect(sanitizeHtml(html, 'rich')).toBe(html.replace('href="/x"', `href="/x" ${rel}`))
  })

  it('[VA-2] lets further elements, attributes, classes and styles through where they are asked for', () => {
    const clean = htmlSanitizer({
      allowTags: ['h2', 'x-note'],
      allowAttributes: { '*': ['id'], 'x-note': ['data-kind'] },
      allowClasses: { code: ['language-*'] },
      allowStyles: ['text-align', 'color'],
      linkRel: '',
    })
    expect(clean('<h2 id="t">T</h2><x-note data-kind="tip" data-other="1">n</x-note>')).toBe(
      '<h2 id="t">T</h2><x-note data-kind="tip">n</x-note>',
    )
    expect(clean('<code class="language-ts evil">x</code>')).toBe('<code class="language-ts">x</code>')
    expect(clean('<p style="text-align:center;color:red;position:fixed">x</p>')).toBe(
      '<p style="text-align:center;color:red">x</p>',
    )
    expect(clean('<p style="color:url(javascript:alert(1))">x</p>')).toBe('<p>x</p>')
    expect(clean('<a href="/x" rel="opener">x</a>')).toBe('<a href="/x">x</a>')
  })

  it('[VA-2] lets an iframe through for listed hosts alone, sandboxed and by HTTPS', () => {
    const clean = htmlSanitizer({ iframeHosts: ['player.example.com'] })
    expect(clean('<iframe src="https://player.example.com/1"></iframe>')).toBe(
      '<iframe src="https://player.example.com/1" sandbox="allow-scripts allow-same-origin"></iframe>',
    )
    for (const src of [
      'https://evil.example/',
      'http://player.example.com/',
      '//player.example.com/',
      '/local',
      'javascript:alert(1)',
      'https://player.example.com.evil.example/',
      'https://player.example.com@evil.example/',
    ]) {
      expect(clean(`<iframe src="${src}" srcdoc="<b>"></iframe>`)).not.toMatch(/src=/)
    }
    expect(sanitizeHtml('<iframe src="https://player.example.com/1">inside</iframe>')).toBe('')
  })

  it.each<[string, SanitizeHtmlOptions]>([
    ['allowTags', { allowTags: ['script'] }],
    ['allowTags', { allowTags: ['textarea'] }],
    ['allowTags', { allowTags: ['svg'] }],
    ['allowTags', { allowTags: ['iframe'] }],
    ['allowTags', { allowTags: ['Script'] }],
    ['allowAttributes.*', { allowAttributes: { '*': ['onclick'] } }],
    ['allowAttributes.*', { allowAttributes: { '*': ['*'] } }],
    ['allowAttributes.a', { allowAttributes: { a: ['xlink:href'] } }],
    ['allowAttributes.p', { allowAttributes: { p: ['style'] } }],
    ['allowStyles', { allowStyles: ['position'] }],
    ['schemes', { schemes: ['javascript' as 'http'] }],
    ['schemes', { schemes: ['data' as 'http'] }],
    ['iframeHosts', { iframeHosts: ['*.example.com'] }],
    ['profile', { profile: 'all' as 'rich' }],
    ['maxLength', { maxLength: 0 }],
    ['maxDepth', { maxDepth: 1e6 }],
    ['maxTags', { maxTags: -1 }],
    ['overLimit', { overLimit: 'pass' as 'text' }],
    ['linkRel', { linkRel: 5 as never }],
    ['allowScripts', { allowScripts: true } as never],
  ])('[VA-2] refuses an option that would let something dangerous through: %s', (option, options) => {
    expect(() => sanitizeHtml('<p>', options)).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }))
    expect(() => htmlSanitizer(options)).toThrow(expect.objectContaining({ option }))
  })

  it('[VA-2] takes undefined for options that are left out, and a profile that is none is refused', () => {
    expect(sanitizeHtml('<b>x</b>', { profile: undefined, maxTags: undefined } as never)).toBe('<b>x</b>')
    expect(() => sanitizeHtml('<b>x</b>', 'all' as 'rich')).toThrow(expect.objectContaining({ option: 'profile' }))
  })

  it('[VA-2] returns text without markup as it is, the same string', () => {
    for (const text of ["O'Brien & Söhne", '5 > 3', 'a'.repeat(1_000_000), '', '&lt;b&gt;', 'Fish &amp; Chips']) {
      expect(sanitizeHtml(text, 'basic')).toBe(text)
    }
    expect(countWork(() => sanitizeHtml('a'.repeat(1_000_000), 'basic'))).toBeLessThanOrEqual(2_000_001)
    expect(sanitizeHtml('a\0b')).toBe('ab')
  })

  const bombs: readonly (readonly [string, (size: number) => string])[] = [
    ['unclosed elements', (n) => '<b>'.repeat(n / 3)],
    ['unclosed links', (n) => '<a href=x>'.repeat(n / 10)],
    ['nested divs', (n) => '<div>'.repeat(n / 11) + '</div>'.repeat(n / 11)],
    ['half tags', (n) => '<a '.repeat(n / 3)],
    ['open angle brackets', (n) => '<'.repeat(n)],
    ['closing tags', (n) => '</b>'.repeat(n / 4)],
    ['comments that never end', (n) => '<!--'.repeat(n / 4)],
    ['comments of dashes', (n) => `<!${'-'.repeat(n)}`],
    ['open quotes', (n) => '<a b="'.repeat(n / 6)],
    ['equal signs', (n) => `<a ${'= '.repeat(n / 2)}`],
    ['unclosed scripts', (n) => '<script></script '.repeat(n / 17)],
    ['scripts with false ends', (n) => `<script>${'</scrip'.repeat(n / 7)}`],
    ['declarations', (n) => '<!a'.repeat(n / 3)],
    ['siblings', (n) => '<p>'.repeat(n / 3)],
  ]

  it.each(bombs)('[VA-2] does work in proportion to its input: %s', (_what, bomb) => {
    for (const clean of [stripTags, (html: string) => sanitizeHtml(html, { maxTags: 100 })]) {
      const small = countWork(() => clean(bomb(20_000)))
      const large = countWork(() => clean(bomb(80_000)))
      expect(large).toBeLessThanOrEqual(small * 4.5 + 5_000)
      expect(large).toBeLessThanOrEqual(80_000 * 15)
    }
  })

  it.each(bombs)('[VA-2] bounds a megabyte before the library is asked, and leaves only text: %s', (_what, bomb) => {
    const clean = sanitizeHtml(`<p>before</p>${bomb(1_000_000)}`, 'basic')
    expect(clean).not.toMatch(/<(?!\/?p>)/)
    expect(clean).toContain('before')
    expect(() => sanitizeHtml(bomb(1_000_000), { overLimit: 'refuse' })).toThrow(
      expect.objectContaining({ code: 'ERR_VALIDATION_HTML_LIMIT', status: 400 }),
    )
  })

  it('[VA-2] stops at the depth and the number of elements it was given', () => {
    const nested = (depth: number): string => '<b>'.repeat(depth) + 'x' + '</b>'.repeat(depth)
    expect(sanitizeHtml(nested(100))).toBe(nested(100))
    expect(sanitizeHtml(nested(101))).toBe('x')
    expect(sanitizeHtml(nested(3), { maxDepth: 3 })).toBe(nested(3))
    expect(sanitizeHtml(nested(4), { maxDepth: 3 })).toBe('x')
    expect(sanitizeHtml('<i>x</i>'.repeat(4), { maxTags: 4 })).toBe('<i>x</i>'.repeat(4))
    expect(sanitizeHtml('<i>x</i>'.repeat(5), { maxTags: 4 })).toBe('xxxxx')
    expect(sanitizeHtml('<i>abc</i>', { maxLength: 10 })).toBe('<i>abc</i>')
    expect(sanitizeHtml('<i>abcd</i>', { maxLength: 10 })).toBe('abcd')
  })

  it('[VA-2] drops addresses that are longer than any browser needs', () => {
    const clean = (length: number): string => sanitizeHtml(`<a href="/${'a'.repeat(length)}">x</a>`, { linkRel: '' })
    expect(clean(2_047)).toContain('href')
    expect(clean(2_048)).toBe('<a>x</a>')
  })

  it('[VA-2] neither fails nor hangs on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), document, (noise, html) => {
        expect(typeof sanitizeHtml(noise + html, 'rich')).toBe('string')
        expect(stripTags(noise + html)).not.toContain('<')
      }),
    )
  })
})

/** What the wrapper hands to the library, less the functions, which cannot cross to another process. */
function engineOptions(rules: ConstructorParameters<typeof HtmlEngine>[0]): Record<string, unknown> {
  return JSON.parse(JSON.stringify(new HtmlEngine(rules).options)) as Record<string, unknown>
}
