import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { sanitizeFilename } from '../../src/index.js'

describe('sanitizeFilename', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['Größe — 100 %.txt', 'Größe — 100 %.txt'],
    ["O'Brien (1).docx", "O'Brien (1).docx"],
    ['日本語.txt', '日本語.txt'],
    ['archive.tar.gz', 'archive.tar.gz'],
  ])('[VA-2] keeps an honest name: %s', (name, safe) => {
    expect(sanitizeFilename(name)).toBe(safe)
  })

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system32\\cmd.exe', 'cmd.exe'],
    ['C:\\fakepath\\photo.jpg', 'photo.jpg'],
    ['C:photo.jpg', 'C_photo.jpg'],
    ['/etc/passwd/', 'passwd'],
    ['..', 'file'],
    ['...', 'file'],
    ['', 'file'],
    ['///', 'file'],
    ['. . .', 'file'],
    ['.htaccess', 'htaccess'],
    ['-rf', 'rf'],
    ['~root', 'root'],
    ['a\0.jpg', 'a.jpg'],
    ['a\r\nSet-Cookie: x.jpg', 'aSet-Cookie_ x.jpg'],
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['a\u200b\u2060b.txt', 'ab.txt'],
    ['shell.php::$DATA', 'shell.php__$DATA'],
    ['name.txt. . ', 'name.txt'],
    ['a<b>c|d?e*f"g.txt', 'a_b_c_d_e_f_g.txt'],
    ['..%2f..%2fpasswd', '__.._passwd'.slice(1)],
    ['..%252fpasswd', '_passwd'],
    ['a%00.jpg', 'a_.jpg'],
    ['..\uff0fpasswd', '_passwd'],
    ['a\u2044b', 'a_b'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['Lpt1.tar.gz', '_Lpt1.tar.gz'],
    ['COM\u00b9.txt', '_COM\u00b9.txt'],
    ['CONIN$', '_CONIN$'],
    ['console.log', 'console.log'],
    ['\ud800.txt', 'txt'],
  ])('[VA-2] makes %j the plain name %j', (name, safe) => {
    expect(sanitizeFilename(name)).toBe(safe)
  })

  it('[VA-2] cuts by bytes, between characters, and keeps the extension', () => {
    const long = sanitizeFilename(`${'ü'.repeat(500)}.pdf`)
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(200)
    expect(long).toMatch(/^ü+\.pdf$/)
    expect(sanitizeFilename('😀'.repeat(100), { maxBytes: 18 })).toBe('😀'.repeat(4))
    expect(sanitizeFilename(`a.${'x'.repeat(500)}`, { maxBytes: 16 })).toBe(`a.${'x'.repeat(14)}`)
  })

  it('[VA-2] gives the fall-back where nothing is left', () => {
    expect(sanitizeFilename('../', { fallback: 'upload' })).toBe('upload')
  })

  it('[VA-2] gives for any name one that stays in its folder, and that it leaves as it is the second time', () => {
    const parts = fc.constantFrom(
      '..',
      '/',
      '\\',
      '.',
      ' ',
      '%2e',
      '%2f',
      '%25',
      '2f',
      '\0',
      'CON',
      ':',
      '\u202e',
      '-',
      '~',
      'a',
    )
    const names = fc.array(fc.oneof(parts, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
    fc.assert(
      fc.property(names, (pieces) => {
        const safe = sanitizeFilename(pieces.join(''))
        expect(safe).not.toMatch(/[/\\:\0-\x1f]|^\.|^-|[. ]$|^$/)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200)
        expect(sanitizeFilename(safe)).toBe(safe)
      }),
      { numRuns: 2_000 },
    )
  })

  it('[VA-2] refuses options that cannot work', () => {
    expect(() => sanitizeFilename('a', { maxBytes: 8 })).toThrow(expect.objectContaining({ option: 'maxBytes' }))
    expect(() => sanitizeFilename('a', { max: 8 } as never)).toThrow(expect.objectContaining({ option: 'max' }))
    expect(sanitizeFilename('a', { maxBytes: undefined } as never)).toBe('a')
  })
})
