/** Bytes from the start of a file that are enough to tell its type. */
export const headLength = 4_160

/**
 * What the first bytes of a file say it is: an id of the table of types, `zip` for all that is made of a zip archive, `text` for
 * what shows no signature; `undefined` for bytes that are neither.
 */
export function detectType(head: Buffer): string | undefined {
  for (const { id, offset = 0, bytes } of signatures) {
    if (head.length >= offset + bytes.length && head.subarray(offset, offset + bytes.length).equals(bytes)) return id
  }
  return riffType(head) ?? boxType(head) ?? mp3Type(head) ?? pdfType(head) ?? textType(head)
}

interface Signature {
  readonly id: string
  readonly offset?: number
  readonly bytes: Buffer
}

function signature(id: string, bytes: string, offset?: number): Signature {
  return { id, bytes: Buffer.from(bytes, 'latin1'), ...(offset === undefined ? {} : { offset }) }
}

const signatures: readonly Signature[] = /* @__PURE__ */ [
  signature('jpeg', '\xff\xd8\xff'),
  signature('png', '\x89PNG\r\n\x1a\n'),
  signature('gif', 'GIF87a'),
  signature('gif', 'GIF89a'),
  signature('tiff', 'II*\0'),
  signature('tiff', 'MM\0*'),
  signature('ico', '\0\0\x01\0'),
  signature('ico', '\0\0\x02\0'),
  signature('pdf', '%PDF-'),
  signature('rtf', '{\\rtf'),
  signature('zip', 'PK\x03\x04'),
  signature('zip', 'PK\x05\x06'),
  signature('zip', 'PK\x07\x08'),
  signature('ole', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
  signature('gzip', '\x1f\x8b'),
  signature('bzip2', 'BZh'),
  signature('xz', '\xfd7zXZ\0'),
  signature('zstd', '\x28\xb5\x2f\xfd'),
  signature('7z', '7z\xbc\xaf\x27\x1c'),
  signature('rar', 'Rar!\x1a\x07'),
  signature('cab', 'MSCF'),
  signature('tar', 'ustar', 257),
  signature('flac', 'fLaC'),
  signature('ogg', 'OggS'),
  signature('mp3', 'ID3'),
  signature('webm', '\x1a\x45\xdf\xa3'),
  signature('woff2', 'wOF2'),
  signature('woff', 'wOFF'),
  signature('ttf', '\0\x01\0\0'),
  signature('ttf', 'OTTO'),
  signature('sqlite', 'SQLite format 3\0'),
  signature('exe', 'MZ'),
  signature('elf', '\x7fELF'),
  signature('macho', '\xcf\xfa\xed\xfe'),
  signature('macho', '\xce\xfa\xed\xfe'),
  signature('java', '\xca\xfe\xba\xbe'),
  signature('wasm', '\0asm'),
  signature('lnk', 'L\0\0\0\x01\x14\x02\0'),
  signature('script', '#!'),
]

/** RIFF holds several formats; BMP needs more than its two letters to be told from a text. */
function riffType(head: Buffer): string | undefined {
  const start = head.toString('latin1', 0, 14)
  if (start.startsWith('RIFF')) {
    const form = start.slice(8, 12)
    return form === 'WEBP' ? 'webp' : form === 'WAVE' ? 'wav' : form === 'AVI ' ? 'avi' : undefined
  }
  if (start.startsWith('BM') && head.length >= 26 && head.readUInt32LE(6) === 0 && head.readUInt32LE(14) <= 124)
    return 'bmp'
  return undefined
}

/** Boxes of ISO 14496-12: the brand tells pictures from films. */
function boxType(head: Buffer): string | undefined {
  if (head.length < 12 || head.toString('latin1', 4, 8) !== 'ftyp') return undefined
  const brand = head.toString('latin1', 8, 12)
  if (brand === 'avif' || brand === 'avis') return 'avif'
  return ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'mif1', 'msf1'].includes(brand) ? 'heic' : 'mp4'
}

function mp3Type(head: Buffer): string | undefined {
  if (head.length < 4 || head[0] !== 0xff) return undefined
  const second = head[1] as number
  const isFrame = (second & 0xe0) === 0xe0 && (second & 0x06) === 0x02 && ((head[2] as number) & 0xf0) !== 0xf0
  return isFrame ? 'mp3' : undefined
}

/** Readers accept a PDF whose header stands within the first 1,024 bytes. */
function pdfType(head: Buffer): string | undefined {
  return head.subarray(0, 1_024).includes('%PDF-') ? 'pdf' : undefined
}

/** What a text begins with: markup that a browser would run is a type of its own. */
function textType(head: Buffer): string | undefined {
  if (hasControls(head)) return undefined
  const text = head.toString('utf8').toLowerCase()
  const start = text.slice(startOf(text), 2_048)
  if (/^<(?:[a-z][a-z0-9]{0,20}:)?svg[\s>/:]/.test(start)) return 'svg'
  if (/^<(?:!doctype\s+html|html|head|body|script|iframe|style|title|h1|div|img|table|a\s)/.test(start)) return 'html'
  if (/^<\?(?:php|=)/.test(start)) return 'php'
  return 'text'
}

/** Where the first element of a text stands: behind white space, comments and what declares XML or SVG. */
function startOf(text: string): number {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0
  for (;;) {
    while (/\s/.test(text.charAt(at))) at++
    const close = text.startsWith('<!--', at)
      ? '-->'
      : text.startsWith('<?xml', at)
        ? '>'
        : /^<!doctype\s+svg/.test(text.slice(at, at + 40))
          ? text.slice(at, at + 1_000).includes('[')
            ? ']>'
            : '>'
          : undefined
    if (close === undefined) return at
    const end = text.indexOf(close, at)
    if (end === -1) return at
    at = end + close.length
  }
}

/** Whether bytes hold controls that no text has: all below space but tab, line ends and form feed. */
export function hasControls(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12) return true
    if (byte === 127) return true
  }
  return false
}
