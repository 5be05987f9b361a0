import { isUtf8 } from 'node:buffer'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { inspectFile, type InspectFileOptions } from '../../src/index.js'
import { detectType } from '../../src/uploads/inspect/detect-type.js'
import { MarkerScan } from '../../src/uploads/inspect/markers.js'
import { Utf8Check } from '../../src/uploads/inspect/utf8.js'
import { fileTypes } from '../../src/uploads/inspect/file-types.js'
import * as make from './fixtures.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inspect-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const everything = fileTypes
  .filter((type) => type.family !== 'active' && type.family !== 'opaque-archive')
  .map((type) => type.id)

async function inspect(name: string, bytes: Buffer | string, options: InspectFileOptions = {}): Promise<string> {
  const path = join(folder, 'file')
  await writeFile(path, bytes)
  try {
    return (await inspectFile(path, { types: everything, ...options, name })).type
  } catch (error) {
    return (error as { reason?: string }).reason ?? String(error)
  }
}

const manyFrames = Array.from({ length: 21 }, () => [7_000, 7_000] as const)
const template = '<Relationship Type="http://x/attachedTemplate" Target="https://evil.example" TargetMode="External"/>'
const withoutLocator = (zip: Buffer): Buffer => zip.fill(0, zip.length - 42, zip.length - 22)

describe('inspectFile', () => {
  it.each<[string, Buffer | string, string]>([
    ['a.jpg', make.jpeg(), 'jpeg'],
    ['a.JPEG', make.jpeg(), 'jpeg'],
    ['a.png', make.png(), 'png'],
    ['a.gif', make.gif(), 'gif'],
    ['a.webp', make.webp(), 'webp'],
    ['a.bmp', make.bmp(), 'bmp'],
    ['a.tif', make.tiff(), 'tiff'],
    ['a.tiff', make.tiff(7, 9, false), 'tiff'],
    ['a.ico', make.ico(), 'ico'],
    ['a.avif', make.avif(), 'avif'],
    ['a.heic', make.avif(1, 1, 'heic'), 'heic'],
    ['a.svg', make.svg('<style>.a{fill:url(#g)}</style><a href="#x"/>'), 'svg'],
    ['a.pdf', make.pdf(), 'pdf'],
    ['a.pdf', make.pdf('', [make.objectStream('<< /Type /Font >>')]), 'pdf'],
    ['a.rtf', '{\\rtf1 hello}', 'rtf'],
    ['a.docx', make.office('word'), 'docx'],
    ['a.xlsx', make.office('xl'), 'xlsx'],
    ['a.pptx', make.office('ppt'), 'pptx'],
    ['a.odt', make.openDocument(), 'odt'],
    ['a.ods', make.openDocument('spreadsheet'), 'ods'],
    ['a.odp', make.openDocument('presentation'), 'odp'],
    ['a.epub', make.zip([{ name: 'mimetype', content: 'application/epub+zip', stored: true }]), 'epub'],
    ['a.doc', make.ole(), 'ole'],
    [
      'a.zip',
      make.zip([
        { name: 'a.txt', content: 'hello' },
        { name: 'b/', stored: true },
      ]),
      'zip',
    ],
    ['a.zip', make.zip([], { comment: 'empty' }), 'zip'],
    ['a.zip', make.zip([{ name: 'a.txt', content: 'hello' }], { wide: true }), 'zip'],
    [
      'a.zip',
      make.zip([
        { name: 'a', content: 'hello', streamed: true },
        { name: 'b', content: 'x', streamed: true },
      ]),
      'zip',
    ],
    ['a.gz', make.gzip('hello'), 'gzip'],
    ['b.png', make.png(9, 11, { interlaced: true, rows: Buffer.alloc(9 * 11 * 3 + 22) }), 'png'],
    [
      'c.png',
      make.png(4, 4, {
        before: [make.pngFrame(4, 4)],
        after: [make.pngFrame(2, 2), make.pngPacked('fdAT', make.pngRows(2, 2))],
      }),
      'png',
    ],
    [
      'd.png',
      make.png(4, 4, {
        before: (['zTXt', 'iTXt', 'iCCP'] as const).map((type) => make.pngPacked(type, Buffer.alloc(999))),
      }),
      'png',
    ],
    [
      'b.gif',
      make.animatedGif(8, 8, [
        [8, 8],
        [4, 4],
      ]),
      'gif',
    ],
    ['c.gif', make.gif().subarray(0, -1), 'gif'],
    [
      'b.webp',
      make.animatedWebp([
        [8, 8],
        [8, 8],
      ]),
      'webp',
    ],
    ['b.jpg', make.jpegScans(12), 'jpeg'],
    [
      'c.tiff',
      make.tiffPages([
        [3, 5],
        [4, 4],
      ]),
      'tiff',
    ],
    ['b.avif', make.avifSequence(100, 100), 'avif'],
    [
      'b.pdf',
      make.pdf('/Outlines << /First 5 0 R >>', [
        Buffer.from('8 0 obj <</Filter/DCTDecode /N 3>> stream\nx endstream endobj'),
      ]),
      'pdf',
    ],
    ['b.svg', '<?xml version="1.0" encoding="UTF-8"?>\n<svg><style>.a\\:b{fill:url( #g )}</style></svg>', 'svg'],
    [
      'b.rtf',
      '{\\rtf1 {\\field{\\*\\fldinst HYPERLINK "https://example.com"}} {\\pict\\pngblip 89}  an objdata of DDE }',
      'rtf',
    ],
    [
      'b.docx',
      make.office('word', [
        {
          name: 'word/_rels/document.xml.rels',
          content: '<Relationship Type="http://x/hyperlink" Target="https://example.com" TargetMode="External"/>',
        },
      ]),
      'docx',
    ],
    ['a.mp3', Buffer.from('ID3\x04'), 'mp3'],
    ['a.mp3', Buffer.from('fffb9064', 'hex'), 'mp3'],
    ['a.wav', Buffer.from('RIFF\0\0\0\0WAVEfmt '), 'wav'],
    ['a.avi', Buffer.from('RIFF\0\0\0\0AVI LIST'), 'avi'],
    ['a.flac', Buffer.from('fLaC\0'), 'flac'],
    ['a.ogg', Buffer.from('OggS\0'), 'ogg'],
    ['a.mp4', Buffer.from('\0\0\0\x18ftypisom\0\0'), 'mp4'],
    ['a.webm', Buffer.from('1a45dfa300', 'hex'), 'webm'],
    ['a.woff2', Buffer.from('wOF2\0'), 'woff2'],
    ['a.woff', Buffer.from('wOFF\0'), 'woff'],
    ['a.ttf', Buffer.from('0001000000', 'hex'), 'ttf'],
    ['a.sqlite', Buffer.from('SQLite format 3\0'), 'sqlite'],
    ['a.txt', 'Grüße, 日本語, 😀\r\n\ttab', 'txt'],
    ['README', 'no extension is a text', 'txt'],
    ['a.log', '1 < 2 && <b>', 'txt'],
    ['a.md', '# Title\n<br>', 'md'],
    ['a.csv', 'a;b\n1;2', 'csv'],
    ['a.tsv', 'a\tb', 'tsv'],
    ['a.json', '{"a":1}', 'json'],
    ['a.yaml', 'a: 1', 'yaml'],
    ['a.xml', '<?xml version="1.0"?><note/>', 'xml'],
    ['example.com.pdf', make.pdf(), 'pdf'],
    ['report.v1.2.final.pdf', make.pdf(), 'pdf'],
  ])('[VA-6] takes %s for what its bytes are', async (name, bytes, type) => {
    expect(await inspect(name, bytes)).toBe(type)
  })

  it('[VA-6] tells more than 25 types from their bytes', () => {
    expect(new Set(fileTypes.map((type) => type.id)).size).toBeGreaterThan(25)
  })

  it.each<[string, string, Buffer | string, string]>([
    ['nothing in it', 'a.txt', '', 'empty'],
    ['a program', 'a.png', Buffer.from('MZ\x90\0'), 'type_not_allowed'],
    ['an ELF program', 'a.txt', Buffer.from('\x7fELF\x02'), 'type_not_allowed'],
    ['a script', 'a.txt', '#!/bin/sh\nrm -rf /', 'type_not_allowed'],
    ['PHP as a text', 'a.txt', '<?php system($_GET[0]);', 'type_not_allowed'],
    ['a page as a text', 'a.txt', '  <!-- x --> <HTML><script>', 'type_not_allowed'],
    ['a page behind an XML declaration', 'a.xml', '<?xml version="1.0"?><html xmlns="x">', 'type_not_allowed'],
    ['a Java archive', 'a.zip', make.zip([{ name: 'META-INF/MANIFEST.MF', content: 'x' }]), 'type_not_allowed'],
    ['what cannot be told', 'a.bin', Buffer.from([1, 2, 3, 4, 5]), 'unknown_type'],
    ['a picture called a PDF', 'a.pdf', make.png(), 'extension_mismatch'],
    ['a zip called a document', 'a.docx', make.zip([{ name: 'a' }]), 'extension_mismatch'],
    ['an SVG called XML', 'a.xml', make.svg(), 'extension_mismatch'],
    ['a second extension', 'shell.php.png', make.png(), 'double_extension'],
    ['a second extension far inside', 'a.phtml.x.y.png', make.png(), 'double_extension'],
    ['a page before a picture', 'a.html.png', make.png(), 'double_extension'],
    ['an extension of a server', 'a.php', 'hello', 'type_not_allowed'],
    ['an extension with a dot behind', 'a.php. ', 'hello', 'type_not_allowed'],
    ['a stream of NTFS', 'a.php::$DATA', 'hello', 'type_not_allowed'],
    ['a document that may have macros', 'a.docm', make.office('word'), 'type_not_allowed'],
    ['a NUL in the name', 'a.php\0.png', make.png(), 'bad_name'],
    ['a name that turns its direction', 'a\u202egnp.exe', make.png(), 'bad_name'],
    ['text in UTF-16', 'a.txt', Buffer.from('\ufeffhello', 'utf16le'), 'not_utf8'],
    ['text in Latin-1', 'a.txt', Buffer.from('caf\xe9 au lait', 'latin1'), 'not_utf8'],
    ['a character of four bytes, cut', 'a.txt', Buffer.from('caf\u{1f600}').subarray(0, 6), 'not_utf8'],
    ['a cut character', 'a.txt', Buffer.from('caf\u00e9').subarray(0, 4), 'not_utf8'],
    ['a control deep inside', 'a.txt', `${'a'.repeat(200_000)}\x07`, 'not_utf8'],
    ['an overlong character', 'a.txt', Buffer.from([0x61, 0xc0, 0xaf]), 'not_utf8'],
    ['entities in XML', 'a.xml', '<!DOCTYPE x [<!ENTITY a "b">]><x/>', 'scripted'],
    ['the test virus', 'a.txt', make.eicar(), 'virus'],
    ['the test virus across two pieces', 'a.txt', Buffer.concat([Buffer.alloc(65_500, 32), make.eicar()]), 'virus'],
    ['the test virus in a picture', 'a.png', Buffer.concat([make.png(), make.eicar()]), 'virus'],
    ['the test virus in an archive', 'a.zip', make.zip([{ name: 'a', content: make.eicar() }]), 'virus'],
    ['the test virus, packed by gzip', 'a.gz', make.gzip(make.eicar()), 'virus'],
    ['a GIF that is an archive', 'a.gif', Buffer.concat([make.gif(), make.zip([{ name: 'A.class' }])]), 'polyglot'],
    ['a PDF that is an archive', 'a.pdf', Buffer.concat([make.pdf(), make.zip([{ name: 'a' }])]), 'polyglot'],
    ['a picture with a script', 'a.png', make.png(1, 1, { comment: '<ScRiPt>alert(1)</script>' }), 'polyglot'],
    ['a picture with PHP', 'a.gif', Buffer.concat([make.gif(), Buffer.from('<?php echo 1;')]), 'polyglot'],
    ['a picture that is a PDF', 'a.gif', Buffer.concat([make.gif(), make.pdf()]), 'polyglot'],
    ['a page that is a PDF', 'a.pdf', Buffer.concat([Buffer.from('<html>\x01'), make.pdf()]), 'polyglot'],
    ['a flood of pixels', 'a.png', make.png(100_000, 100_000), 'too_many_pixels'],
    ['a flood of pixels, JPEG', 'a.jpg', make.jpeg(60_000, 60_000), 'too_many_pixels'],
    ['a flood of pixels, GIF', 'a.gif', make.gif(65_535, 65_535), 'too_many_pixels'],
    ['a flood of pixels, WebP', 'a.webp', make.webp(16_000, 16_000), 'too_many_pixels'],
    ['a flood of pixels, BMP', 'a.bmp', make.bmp(30_000, -30_000), 'too_many_pixels'],
    ['a flood of pixels, TIFF', 'a.tiff', make.tiff(1_000_000, 1_000_000), 'too_many_pixels'],
    ['a flood of pixels, AVIF', 'a.avif', make.avif(65_536, 65_536), 'too_many_pixels'],
    ['an icon with a large picture far inside', 'a.ico', make.pngIcon(50_000, 50_000, 70_000), 'too_many_pixels'],
    ['an icon whose bitmap is larger than it says', 'a.ico', make.bitmapIcon(20_000, 20_000), 'too_many_pixels'],
    [
      'a GIF whose frame is larger than its canvas',
      'a.gif',
      make.animatedGif(8, 8, [
        [8, 8],
        [60_000, 60_000],
      ]),
      'too_many_pixels',
    ],
    ['a GIF of very many large frames', 'a.gif', make.animatedGif(7_000, 7_000, manyFrames), 'too_many_pixels'],
    [
      'a WebP whose picture is larger than its canvas',
      'a.webp',
      make.extendedWebp([1, 1], [16_000, 16_000]),
      'too_many_pixels',
    ],
    ['a WebP of very many large frames', 'a.webp', make.animatedWebp(manyFrames), 'too_many_pixels'],
    [
      'a TIFF whose second page is large',
      'a.tiff',
      make.tiffPages([
        [3, 5],
        [90_000, 90_000],
      ]),
      'too_many_pixels',
    ],
    [
      'a TIFF whose pages go in a circle',
      'a.tiff',
      make.tiffPages(
        [
          [3, 5],
          [3, 5],
        ],
        true,
      ),
      'broken',
    ],
    ['a JPEG with a second, larger frame header', 'a.jpg', make.jpegScans(1, [60_000, 60_000]), 'too_many_pixels'],
    ['a JPEG in thousands of scans', 'a.jpg', make.jpegScans(2_000), 'image_bomb'],
    [
      'an AVIF that shows another size before',
      'a.avif',
      make.avif(60_000, 60_000, 'avif', make.freeBox(99)),
      'too_many_pixels',
    ],
    [
      'an AVIF whose index stands far inside',
      'a.avif',
      make.avif(60_000, 60_000, 'avif', make.freeBox(99_999)),
      'too_many_pixels',
    ],
    ['a large sequence of AVIF', 'a.avif', make.avifSequence(60_000, 60_000), 'too_many_pixels'],
    [
      'a PNG of which more unpacks than it needs',
      'a.png',
      make.png(2, 2, { rows: Buffer.alloc(3_000_000) }),
      'image_bomb',
    ],
    ['a PNG of one byte too many', 'a.png', make.png(2, 2, { rows: Buffer.alloc(15) }), 'image_bomb'],
    [
      'an interlaced PNG of one byte too many',
      'a.png',
      make.png(9, 11, { interlaced: true, rows: Buffer.alloc(9 * 11 * 3 + 23) }),
      'image_bomb',
    ],
    [
      'a bomb in the frame of a PNG',
      'a.png',
      make.png(4, 4, { after: [make.pngFrame(2, 2), make.pngPacked('fdAT', Buffer.alloc(3_000_000))] }),
      'image_bomb',
    ],
    [
      'a bomb in a text of a PNG',
      'a.png',
      make.png(4, 4, { before: [make.pngPacked('zTXt', Buffer.alloc(9_000_000))] }),
      'image_bomb',
    ],
    [
      'a bomb in an international text of a PNG',
      'a.png',
      make.png(4, 4, { after: [make.pngPacked('iTXt', Buffer.alloc(9_000_000))] }),
      'image_bomb',
    ],
    [
      'a bomb in the profile of a PNG',
      'a.png',
      make.png(4, 4, { before: [make.pngPacked('iCCP', Buffer.alloc(9_000_000))] }),
      'image_bomb',
    ],
    ['a PNG whose rows cannot be unpacked', 'a.png', Buffer.from(make.png()).fill(255, 43, 48), 'broken'],
    ['a picture without size', 'a.png', make.png(0, 5), 'broken'],
    ['a picture cut short', 'a.jpg', make.jpeg().subarray(0, 100), 'broken'],
    ['a script in an SVG', 'a.svg', make.svg('<script>x</script>'), 'scripted'],
    ['a script of another prefix', 'a.svg', make.svg('<svg:script>x</svg:script>'), 'scripted'],
    ['a handler in an SVG', 'a.svg', make.svg('', 'onload = "x"'), 'scripted'],
    ['a handler behind many spaces', 'a.svg', make.svg('', `onload${' '.repeat(99)}\n= "x"`), 'scripted'],
    ['an address behind many spaces', 'a.svg', make.svg(`<a href${'\n'.repeat(99)}= "https://x"/>`), 'scripted'],
    ['a style that spells a rule by escapes', 'a.svg', make.svg('<style>@\\69mport "//x"</style>'), 'scripted'],
    [
      'a style that spells a function by escapes',
      'a.svg',
      make.svg('<style>a{fill:u\\000072 l("//x")}</style>'),
      'scripted',
    ],
    [
      'an address by a number of many digits',
      'a.svg',
      make.svg('<g style="fill:&#x0000000000075;rl(//x)"/>'),
      'scripted',
    ],
    ['an SVG that declares another encoding', 'a.svg', '<?xml version="1.0" encoding="utf-7"?><svg/>', 'scripted'],
    ['a page in an SVG', 'a.svg', make.svg('<foreignObject><body/></foreignObject>'), 'scripted'],
    ['a link to a script', 'a.svg', make.svg('<a xlink:href="java&#x0a;script:x">'), 'scripted'],
    ['a hidden link to a script', 'a.svg', make.svg('<a href="&#106;avascript:x">'), 'scripted'],
    ['animation of a link', 'a.svg', make.svg('<animate attributeName="href" values="javascript:x"/>'), 'scripted'],
    ['entities in an SVG', 'a.svg', '<!DOCTYPE svg [<!ENTITY x "y">]><svg>&x;</svg>', 'scripted'],
    ['a type of document with more in it', 'a.svg', '<!DOCTYPE svg [<!ELEMENT x ANY>]><svg>x</svg>', 'scripted'],
    ['something loaded by an SVG', 'a.svg', make.svg('<image href="https://evil.example/x"/>'), 'scripted'],
    ['a style loaded by an SVG', 'a.svg', make.svg('<style>@import "//evil.example"</style>'), 'scripted'],
    ['an SVG in Latin-1', 'a.svg', Buffer.concat([make.svg(), Buffer.from([0xe9])]), 'not_utf8'],
    ['JavaScript in a PDF', 'a.pdf', make.pdf('/AA << /S /JavaScript /JS (x) >>'), 'scripted'],
    ['JavaScript by codes', 'a.pdf', make.pdf('/AA << /S /J#61vaScr#69pt >>'), 'scripted'],
    ['a program started by a PDF', 'a.pdf', make.pdf('/OpenAction << /S /Launch /F (cmd.exe) >>'), 'scripted'],
    ['JavaScript in an object stream', 'a.pdf', make.pdf('', [make.objectStream('<< /S /JavaScript >>')]), 'scripted'],
    [
      'JavaScript far inside',
      'a.pdf',
      make.pdf('', [Buffer.alloc(1_200_000, 10), Buffer.from('/JavaScript ')]),
      'scripted',
    ],
    [
      'JavaScript in an object stream that does not say what it is',
      'a.pdf',
      make.pdf('', [make.objectStream('<< /S /JavaScript >>', '/Filter /FlateDecode', '7 0 R')]),
      'scripted',
    ],
    [
      'JavaScript in an object stream by codes',
      'a.pdf',
      make.pdf('', [make.objectStream('<< /S /JavaScript >>', '/F#69lter /FlateDecode', '/Obj#53tm')]),
      'scripted',
    ],
    [
      'JavaScript in an object stream with a decoy in its dictionary',
      'a.pdf',
      make.pdf('', [make.objectStream('<< /S /JavaScript >>', '/Pad (endobj endstream) /Filter /FlateDecode')]),
      'scripted',
    ],
    [
      'JavaScript in an object stream with a long dictionary',
      'a.pdf',
      make.pdf('', [make.objectStream('<< /S /JavaScript >>', `/Pad (${'a'.repeat(6_000)}) /Filter /FlateDecode`)]),
      'scripted',
    ],
    [
      'an object stream with a dictionary without end',
      'a.pdf',
      make.pdf('', [make.objectStream('x', `/Pad (${'a'.repeat(70_000)}) /Filter /FlateDecode`)]),
      'unreadable',
    ],
    [
      'JavaScript behind much else in an object stream',
      'a.pdf',
      make.pdf('', [make.objectStream(`${'0123456789 '.repeat(20_000)}<< /S /JavaScript >>`)]),
      'scripted',
    ],
    [
      'very many object streams',
      'a.pdf',
      make.pdf('', Array<Buffer>(10_002).fill(make.objectStream('x'))),
      'archive_bomb',
    ],
    ['a flood of names of object streams', 'a.pdf', make.pdf('', [Buffer.alloc(2_000_000, '/ObjStm ')]), 'unreadable'],
    ['a flood of dictionaries within texts', 'a.pdf', make.pdf('', [Buffer.alloc(2_000_000, 'obj<<(')]), 'unreadable'],
    ['a movie that runs a script', 'a.pdf', make.pdf('/AA << /S /Rendition /JS (x) >>'), 'scripted'],
    ['a jump into another file', 'a.pdf', make.pdf('/AA << /S /GoToE /F (\\\\\\\\evil\\\\x) >>'), 'scripted'],
    ['an object in RTF', 'a.rtf', '{\\rtf1{\\object\\objemb{\\*\\objdata 0105}}}', 'macro'],
    ['an object in RTF across two pieces', 'a.rtf', `{\\rtf1${' '.repeat(65_520)}\\ob\r\njdata 01}`, 'macro'],
    ['a program started by RTF', 'a.rtf', '{\\rtf1{\\field{\\*\\fldinst {\\fs20 DDEAUTO c:/x }}}}', 'macro'],
    ['a template of RTF', 'a.rtf', '{\\rtf1{\\*\\template http://x}}', 'macro'],
    [
      'entities in XML, far inside',
      'a.xml',
      `<!--${' '.repeat(65_530)}--><!DOCTYPE x [<!ENTITY a "b">]><x/>`,
      'scripted',
    ],
    ['an extension before a semicolon', 'a.asp;.jpg', make.jpeg(), 'double_extension'],
    ['a packing that nobody uses', 'a.pdf', make.pdf('', [make.objectStream('', '/Filter /LZWDecode')]), 'unreadable'],
    [
      'two packings',
      'a.pdf',
      make.pdf('', [make.objectStream('', '/Filter [/ASCII85Decode /FlateDecode]')]),
      'unreadable',
    ],
    ['a bomb in a PDF', 'a.pdf', make.pdf('', [make.objectStream(' '.repeat(300_000))]), 'archive_bomb'],
    ['an encrypted PDF', 'a.pdf', make.pdf('/Encrypt 5 0 R'), 'encrypted'],
    ['a macro', 'a.docx', make.office('word', [{ name: 'word/vbaProject.bin', content: 'x' }]), 'macro'],
    ['a macro by content type', 'a.xlsx', make.office('xl', [], 'x.macroEnabled.main+xml'), 'macro'],
    ['a macro of Excel 4', 'a.xlsx', make.office('xl', [{ name: 'xl/macrosheets/sheet1.xml' }]), 'macro'],
    ['an embedded program', 'a.pptx', make.office('ppt', [{ name: 'ppt/embeddings/oleObject1.bin' }]), 'macro'],
    [
      'a template from elsewhere',
      'a.docx',
      make.office('word', [
        {
          name: 'word/_rels/settings.xml.rels',
          content:
            '<Relationship Type="http://x/attachedTemplate" Target="https://evil.example" TargetMode="External"/>',
        },
      ]),
      'remote_template',
    ],
    [
      'a template from elsewhere in UTF-16',
      'a.docx',
      make.office('word', [
        { name: 'word/_rels/settings.xml.rels', content: Buffer.from(`\ufeff${template}`, 'utf16le') },
      ]),
      'remote_template',
    ],
    [
      'a template from elsewhere, big-endian and without a mark',
      'a.docx',
      make.office('word', [
        { name: 'word/_rels/settings.xml.rels', content: Buffer.from(template, 'utf16le').swap16() },
      ]),
      'remote_template',
    ],
    [
      'a template from elsewhere by references',
      'a.docx',
      make.office('word', [
        { name: 'word/_rels/settings.xml.rels', content: template.replace('Ext', '&#x000000045;xt') },
      ]),
      'remote_template',
    ],
    [
      'an object from elsewhere in a header',
      'a.docx',
      make.office('word', [
        { name: 'word/_rels/header1.xml.rels', content: template.replace('attachedTemplate', 'oleObject') },
      ]),
      'remote_template',
    ],
    [
      'relationships that are too large to be looked into',
      'a.docx',
      make.office('word', [
        { name: 'word/_rels/settings.xml.rels', content: `<!--${' '.repeat(1_100_000)}-->${template}`, stored: true },
      ]),
      'unreadable',
    ],
    ['a macro of OpenDocument', 'a.odt', make.openDocument('text', [{ name: 'Basic/Standard/Module1.xml' }]), 'macro'],
    ['a macro in an old document', 'a.doc', make.ole(Buffer.from('_VBA_PROJECT', 'utf16le')), 'macro'],
    ['an entry that leaves its folder', 'a.zip', make.zip([{ name: '../../etc/passwd' }]), 'zip_slip'],
    ['the same by backslashes', 'a.zip', make.zip([{ name: 'a\\..\\..\\b' }]), 'zip_slip'],
    ['an absolute entry', 'a.zip', make.zip([{ name: '/etc/passwd' }]), 'zip_slip'],
    ['an entry on a drive', 'a.zip', make.zip([{ name: 'C:/x' }]), 'zip_slip'],
    ['a link', 'a.zip', make.zip([{ name: 'a', content: '/etc/passwd', symlink: true }]), 'zip_slip'],
    ['an encrypted entry', 'a.zip', make.zip([{ name: 'a', encrypted: true }]), 'encrypted'],
    ['a method that nobody knows', 'a.zip', make.zip([{ name: 'a', method: 99 }]), 'encrypted'],
    [
      'two entries in one place',
      'a.zip',
      make.zip([
        { name: 'a', content: 'x' },
        { name: 'b', headerAt: 0 },
      ]),
      'archive_tricks',
    ],
    ['another name in the header', 'a.zip', make.zip([{ name: 'a.txt', localName: 'a.exe' }]), 'archive_tricks'],
    [
      'another size in the header',
      'a.zip',
      make.zip([{ name: 'a', content: 'hello', localSize: 4 }]),
      'archive_tricks',
    ],
    [
      'an entry that the directory does not name',
      'a.zip',
      make.zip([{ name: 'a', gap: make.zip([{ name: 'hidden' }]).subarray(0, 38) }, { name: 'b' }]),
      'archive_tricks',
    ],
    [
      'an entry that the directory does not name, at the end',
      'a.zip',
      make.zip([{ name: 'a', gap: make.zip([{ name: 'hidden' }]).subarray(0, 38) }]),
      'archive_tricks',
    ],
    [
      'bytes before it',
      'a.zip',
      Buffer.concat([Buffer.from('PK\x03\x04'), make.zip([{ name: 'a' }])]),
      'archive_tricks',
    ],
    ['a directory that is elsewhere', 'a.zip', withoutLocator(make.zip([{ name: 'a' }], { wide: true })), 'broken'],
    ['a wrong count', 'a.zip', make.zip([{ name: 'a' }], { entries: 2 }), 'broken'],
    ['an archive cut short', 'a.zip', make.zip([{ name: 'a', content: 'x' }]).subarray(0, 40), 'broken'],
    ['damaged bytes', 'a.gz', Buffer.concat([make.gzip('hello').subarray(0, 12), Buffer.alloc(20, 255)]), 'broken'],
  ])('[VA-6] refuses %s', async (_what, name, bytes, reason) => {
    expect(await inspect(name, bytes, { archive: { maxUnpackedSize: name.endsWith('docx') ? '2mb' : '256kb' } })).toBe(
      reason,
    )
  })

  it.each([
    ['image/jpeg', 'type_mismatch'],
    ['text/html', 'type_mismatch'],
    ['image/png', 'png'],
    ['IMAGE/PNG; charset=binary', 'png'],
    ['application/octet-stream', 'png'],
    ['text/plain', 'png'],
    ['', 'png'],
  ])('[VA-6] compares a PNG with its declared type %j', async (declaredType, result) => {
    expect(await inspect('a.png', make.png(), { declaredType })).toBe(result)
  })

  it('[VA-6] reads the size of every kind of picture', async () => {
    for (const [name, bytes, width, height] of [
      ['a.png', make.png(3, 5), 3, 5],
      ['a.jpg', make.jpeg(300, 500), 300, 500],
      ['a.gif', make.gif(3, 5), 3, 5],
      ['a.webp', make.webp(3, 5), 3, 5],
      ['b.webp', make.plainWebp('VP8 ', 300, 500), 300, 500],
      ['c.webp', make.plainWebp('VP8L', 300, 500), 300, 500],
      ['b.ico', make.pngIcon(300, 500), 300, 500],
      [
        'b.jpg',
        Buffer.concat([make.jpeg(3, 5).subarray(0, 2), Buffer.from([0xff]), make.jpeg(3, 5).subarray(2)]),
        3,
        5,
      ],
      ['a.bmp', make.bmp(3, -5), 3, 5],
      ['a.tiff', make.tiff(3, 5, false), 3, 5],
      ['a.ico', make.ico(48, 32), 48, 32],
      ['a.avif', make.avif(3, 5), 3, 5],
    ] as const) {
      await writeFile(join(folder, name), bytes)
      expect(await inspectFile(join(folder, name), { types: everything })).toMatchObject({
        width,
        height,
        size: bytes.length,
      })
    }
  })

  it('[VA-6] C12 refuses an archive that declares 10 GB, without unpacking a byte', async () => {
    const tenGb = 10n * 1024n ** 3n
    const declared = make.zip([{ name: 'a', content: Buffer.alloc(100), wide: tenGb }])
    expect(await inspect('a.zip', declared)).toBe('archive_bomb')
    // The same content with bytes that cannot be unpacked gives the same answer: nothing was tried.
    const damaged = Buffer.from(declared)
    damaged.fill(255, 31, 34)
    expect(await inspect('a.zip', damaged)).toBe('archive_bomb')
  })

  it('[VA-6] adds up what an archive declares before it unpacks anything', async () => {
    // Bytes that cannot be unpacked: had one been tried, the answer would be another.
    const parts = ['a', 'b', 'c'].map((name) => ({
      name,
      content: 'x'.repeat(40),
      stored: true,
      method: 8,
      declaredSize: 900_000,
    }))
    const archive = { maxUnpackedSize: '2mb', maxRatio: 1_000_000 } as const
    expect(await inspect('a.zip', make.zip(parts), { archive })).toBe('archive_bomb')
    expect(await inspect('a.zip', make.zip(parts.slice(1)), { archive })).toBe('broken')
  })

  it('[VA-6] refuses entries that overlap, by which one set of bytes is unpacked many times', async () => {
    const inner = make.zip([{ name: 'b', content: 'x' }])
    const packed = inner.subarray(0, inner.indexOf('PK\x01\x02', 0, 'latin1'))
    const overlapping = make.zip([
      { name: 'a', content: packed, stored: true },
      { name: 'b', content: 'x', headerAt: 31 },
    ])
    expect(await inspect('a.zip', overlapping)).toBe('archive_tricks')
  })

  it('[VA-6] refuses an archive that unpacks to more than it declares or than its limits allow', async () => {
    const limits = { archive: { maxUnpackedSize: '1mb' as const, maxRatio: 100 } }
    const mega = (n: number): Buffer => Buffer.alloc(n * 1024 * 1024)
    expect(await inspect('a.zip', make.zip([{ name: 'a', content: mega(2), declaredSize: 10 }]), limits)).toBe(
      'archive_bomb',
    )
    expect(await inspect('a.zip', make.zip([{ name: 'a', content: 'abc', declaredSize: 10 }]), limits)).toBe('broken')
    expect(await inspect('a.zip', make.zip([{ name: 'a', content: mega(2) }]), limits)).toBe('archive_bomb')
    expect(await inspect('a.zip', make.zip([{ name: 'a', content: mega(2) }]), { archive: { maxRatio: 100 } })).toBe(
      'archive_bomb',
    )
    expect(await inspect('a.zip', make.zip([{ name: 'a', content: mega(2) }]), { archive: { maxRatio: 2_000 } })).toBe(
      'zip',
    )
    expect(await inspect('a.gz', make.gzip(mega(3)), { archive: { maxRatio: 100 } })).toBe('archive_bomb')
    expect(await inspect('a.gz', make.gzip(mega(3)), { archive: { maxUnpackedSize: '2mb', maxRatio: 5_000 } })).toBe(
      'archive_bomb',
    )
    expect(await inspect('a.gz', make.gzip(mega(3)), { archive: { maxRatio: 5_000 } })).toBe('gzip')
  })

  it('[VA-6] counts entries and nesting, of archives within archives too', async () => {
    const inner = make.zip([
      { name: 'a', content: 'x' },
      { name: 'b', content: 'y' },
    ])
    const nested = make.zip([{ name: 'inner.zip', content: inner, stored: true }])
    const twice = make.zip([{ name: 'nested', content: nested }])
    const packed = make.zip([{ name: 'x.gz', content: make.gzip(inner) }])
    const types = { types: everything }
    expect(await inspect('a.zip', nested, types)).toBe('zip')
    expect(await inspect('a.zip', nested, { archive: { maxNesting: 1 } })).toBe('nested_archive')
    expect(await inspect('a.zip', twice, types)).toBe('nested_archive')
    expect(await inspect('a.zip', twice, { archive: { maxNesting: 3 } })).toBe('zip')
    expect(await inspect('a.zip', packed, types)).toBe('nested_archive')
    expect(await inspect('a.zip', packed, { archive: { maxNesting: 3 } })).toBe('zip')
    expect(await inspect('a.zip', nested, { archive: { maxEntries: 2 } })).toBe('archive_bomb')
    expect(await inspect('a.zip', nested, { archive: { maxEntries: 3 } })).toBe('zip')
    expect(
      await inspect('a.zip', make.zip([{ name: 'a.7z', content: Buffer.from("7z\xbc\xaf'\x1c", 'latin1') }])),
    ).toBe('nested_archive')
    const bomb = make.zip([{ name: 'b', content: Buffer.alloc(1_000_000) }])
    const hidden = make.zip([{ name: 'inner.zip', content: bomb, stored: true }])
    expect(await inspect('a.zip', hidden, { archive: { maxUnpackedSize: '500kb' } })).toBe('archive_bomb')
  })

  it('[VA-6] takes archives that cannot be looked into only where danger is asked for by name', async () => {
    const tar = Buffer.alloc(1_024)
    tar.write('ustar', 257)
    await writeFile(join(folder, 'file'), tar)
    await expect(inspectFile(join(folder, 'file'), { types: ['tar'] })).rejects.toMatchObject({ option: 'types' })
    expect(await inspect('a.tar', tar, { types: ['tar'], dangerouslyAllowOpaqueArchives: true })).toBe('tar')
    await expect(inspectFile(join(folder, 'file'), { types: ['exe'] })).rejects.toMatchObject({ option: 'types' })
  })

  it('[VA-6] neither fails nor takes any bytes for more than they are', async () => {
    const heads = fc.constantFrom(
      'PK\x03\x04',
      'PK\x05\x06',
      '%PDF-1',
      'GIF89a',
      '\x89PNG\r\n\x1a\n',
      '\xff\xd8\xff\xe0',
      'RIFF....WEBPVP8X',
      'BM',
      'II*\0',
      '\0\0\x01\0',
      '\x1f\x8b',
      '<svg ',
      '',
    )
    await fc.assert(
      fc.asyncProperty(heads, fc.uint8Array({ maxLength: 300 }), async (head, rest) => {
        const result = await inspect('file', Buffer.concat([Buffer.from(head, 'latin1'), rest]))
        expect(result).toMatch(/^[a-z0-9_]+$/)
      }),
      { numRuns: 300 },
    )
  })

  it('[VA-6] tells UTF-8 alike, however its bytes are cut into pieces', () => {
    const bytes = fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array)),
    )
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), fc.array(fc.nat(6), { minLength: 1 }), (parts, lengths) => {
        const whole = Buffer.concat(parts).map((byte) => (byte < 32 || byte === 127 ? 32 : byte)) as Buffer
        const check = new Utf8Check()
        let holds = true
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const length = 1 + (lengths[turn % lengths.length] as number)
          holds &&= check.push(whole.subarray(at, at + length))
          at += length
        }
        expect(holds && check.end()).toBe(isUtf8(whole))
      }),
      { numRuns: 2_000 },
    )
  })

  it('[VA-6] finds the test virus, however its bytes are cut into pieces', () => {
    const bytes = Buffer.concat([Buffer.alloc(90, 32), make.eicar(), Buffer.alloc(90, 32)])
    for (let length = 1; length < 200; length++) {
      const scan = new MarkerScan({ pages: true })
      const push = (): void => {
        for (let at = 0; at < bytes.length; at += length) scan.push(bytes.subarray(at, at + length))
      }
      expect(push).toThrow('contains a virus signature')
    }
  })

  it('[VA-6] decides without reading past the first bytes', () => {
    expect(detectType(Buffer.alloc(0))).toBe('text')
    expect(detectType(Buffer.from('BM is not always a bitmap'))).toBe('text')
    expect(detectType(Buffer.from('Bonjour'))).toBe('text')
  })
})
