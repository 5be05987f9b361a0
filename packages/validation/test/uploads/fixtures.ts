import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit++) c = (c & 1) === 0 ? c >>> 1 : 0xedb88320 ^ (c >>> 1)
  return c >>> 0
})

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] as number) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

export interface ZipPart {
  readonly name: string
  readonly content?: string | Buffer
  readonly stored?: boolean
  readonly encrypted?: boolean
  readonly symlink?: boolean
  readonly method?: number
  /** What the headers say, whatever is true. */
  readonly declaredSize?: number
  /** Says the size in 64 bits. */
  readonly wide?: bigint
  /** Name in the local header, where it differs. */
  readonly localName?: string
  /** Place of the local header in the directory, where it differs. */
  readonly headerAt?: number
  /** Size in the local header, where it differs. */
  readonly localSize?: number
  /** Written in one go: sizes behind the bytes, and not in the local header. */
  readonly streamed?: boolean
  /** Bytes behind the entry that no header tells of. */
  readonly gap?: Buffer
}

function descriptor(content: Buffer, packed: Buffer): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(0x08074b50, 0)
  bytes.writeUInt32LE(crc32(content), 4)
  bytes.writeUInt32LE(packed.length, 8)
  bytes.writeUInt32LE(content.length, 12)
  return bytes
}

/** A zip archive, honest or not. */
export function zip(parts: readonly ZipPart[], { comment = '', entries = parts.length, wide = false } = {}): Buffer {
  const out: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const part of parts) {
    const content = Buffer.from(part.content ?? '')
    const packed = part.stored === true ? content : deflateRawSync(content)
    const method = part.method ?? (part.stored === true ? 0 : 8)
    const size = part.wide === undefined ? (part.declaredSize ?? content.length) : 0xffffffff
    const flags = (part.encrypted === true ? 1 : 0) | (part.streamed === true ? 8 : 0) | 0x800
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(flags, 6)
    local.writeUInt16LE(method, 8)
    local.writeUInt32LE(crc32(content), 14)
    local.writeUInt32LE(part.streamed === true ? 0 : packed.length, 18)
    local.writeUInt32LE(part.streamed === true ? 0 : (part.localSize ?? size), 22)
    const localName = Buffer.from(part.localName ?? part.name)
    local.writeUInt16LE(localName.length, 26)
    const extra = part.wide === undefined ? Buffer.alloc(0) : Buffer.alloc(12)
    if (part.wide !== undefined) {
      extra.writeUInt16LE(1, 0)
      extra.writeUInt16LE(8, 2)
      extra.writeBigUInt64LE(part.wide, 4)
    }
    const name = Buffer.from(part.name)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry[5] = 3
    entry.writeUInt16LE(flags, 8)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(crc32(content), 16)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(size, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt16LE(extra.length, 30)
    entry.writeUInt16LE(part.symlink === true ? 0o120777 : 0o100644, 40)
    entry.writeUInt32LE(part.headerAt ?? at, 42)
    const behind = Buffer.concat([
      part.streamed === true ? descriptor(content, packed) : Buffer.alloc(0),
      part.gap ?? Buffer.alloc(0),
    ])
    out.push(local, localName, packed, behind)
    directory.push(entry, name, extra)
    at += 30 + localName.length + packed.length + behind.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries, 8)
  end.writeUInt16LE(entries, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  end.writeUInt16LE(Buffer.byteLength(comment), 20)
  if (!wide) return Buffer.concat([...out, central, end, Buffer.from(comment)])
  // ZIP64: the true figures stand in a record of their own, which a locator points to.
  const record = Buffer.alloc(56)
  record.writeUInt32LE(0x06064b50, 0)
  record.writeBigUInt64LE(44n, 4)
  record.writeBigUInt64LE(BigInt(entries), 24)
  record.writeBigUInt64LE(BigInt(entries), 32)
  record.writeBigUInt64LE(BigInt(central.length), 40)
  record.writeBigUInt64LE(BigInt(at), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(at + central.length), 8)
  locator.writeUInt32LE(1, 16)
  end.fill(255, 8, 20)
  return Buffer.concat([...out, central, record, locator, end, Buffer.from(comment)])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** What stands in a PNG besides its size. */
export interface PngParts {
  readonly comment?: string
  readonly interlaced?: boolean
  /** What is packed as its rows. */
  readonly rows?: Buffer
  /** Chunks between header and rows. */
  readonly before?: readonly Buffer[]
  /** Chunks behind the rows. */
  readonly after?: readonly Buffer[]
}

/** The rows of a picture of three bytes a pixel, of as many as a test needs. */
export function pngRows(width: number, height: number): Buffer {
  return Buffer.alloc((1 + Math.min(width, 100) * 3) * Math.min(height, 100))
}

export function png(width = 2, height = 2, parts: PngParts = {}): Buffer {
  const { comment = '', rows = pngRows(width, height), before = [], after = [] } = parts
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = 2
  header[12] = parts.interlaced === true ? 1 : 0
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(comment === '' ? [] : [chunk('tEXt', Buffer.from(`Comment\0${comment}`))]),
    ...before,
    chunk('IDAT', deflateSync(rows)),
    ...after,
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** A chunk that holds something packed behind a head of its own. */
export function pngPacked(type: 'zTXt' | 'iTXt' | 'iCCP' | 'fdAT', content: Buffer): Buffer {
  const heads = { zTXt: 'Comment\0\0', iTXt: 'Comment\0\x01\0en\0Kommentar\0', iCCP: 'profile\0\0', fdAT: '\0\0\0\x01' }
  return chunk(type, Buffer.concat([Buffer.from(heads[type], 'latin1'), deflateSync(content)]))
}

/** The header of a frame of an animated PNG. */
export function pngFrame(width: number, height: number): Buffer {
  const data = Buffer.alloc(26)
  data.writeUInt32BE(width, 4)
  data.writeUInt32BE(height, 8)
  return chunk('fcTL', data)
}

export function gif(width = 1, height = 1): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16LE(width, 0)
  size.writeUInt16LE(height, 2)
  return Buffer.concat([
    Buffer.from('GIF89a'),
    size,
    Buffer.from('800000ffffff0000002c00000000010001000002024401003b', 'hex'),
  ])
}

/** An animation: a canvas, and frames that say their own size. */
export function animatedGif(width: number, height: number, frames: readonly (readonly [number, number])[]): Buffer {
  const still = gif(width, height)
  const frame = still.subarray(19, still.length - 1)
  const drawn = frames.map(([frameWidth, frameHeight]) => {
    const copy = Buffer.from(frame)
    copy.writeUInt16LE(frameWidth, 5)
    copy.writeUInt16LE(frameHeight, 7)
    return copy
  })
  const loop = Buffer.from('21ff0b4e45545343415045322e300301000000', 'hex')
  return Buffer.concat([still.subarray(0, 19), loop, ...drawn, Buffer.from([0x3b])])
}

export function jpeg(width = 8, height = 6): Buffer {
  const exif = Buffer.alloc(2_000, 0x41)
  const app1 = Buffer.concat([Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255]), exif])
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0])
  return Buffer.concat([Buffer.from([0xff, 0xd8]), app1, frame, Buffer.from([0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9])])
}

/** A picture in many scans, with what a second frame header says. */
export function jpegScans(scans: number, second?: readonly [width: number, height: number]): Buffer {
  const whole = jpeg()
  const start = whole.length - 8
  const scan = Buffer.from([0xff, 0xda, 0, 2, 1, 0xff, 0, 2, 0xff, 0xd0, 3])
  const extra = second === undefined ? Buffer.alloc(0) : jpeg(...second).subarray(2006, 2019)
  return Buffer.concat([
    whole.subarray(0, start),
    extra,
    ...Array.from({ length: scans }, () => scan),
    Buffer.from([0xff, 0xd9]),
  ])
}

export function webp(width = 4, height = 3): Buffer {
  const bytes = Buffer.alloc(30)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(22, 4)
  bytes.write('WEBPVP8X', 8)
  bytes.writeUInt32LE(10, 16)
  bytes.writeUIntLE(width - 1, 24, 3)
  bytes.writeUIntLE(height - 1, 27, 3)
  return bytes
}

/** WebP in its two other forms, lossy and lossless. */
export function plainWebp(form: 'VP8 ' | 'VP8L', width: number, height: number): Buffer {
  const bytes = webp()
  bytes.write(form, 12)
  if (form === 'VP8 ') {
    bytes.writeUInt16LE(width, 26)
    bytes.writeUInt16LE(height, 28)
  } else bytes.writeUInt32LE((width - 1) | ((height - 1) << 14), 21)
  return bytes
}

/** A canvas of one size with a picture of another in it. */
export function extendedWebp(canvas: readonly [number, number], inner: readonly [number, number]): Buffer {
  return Buffer.concat([webp(...canvas), plainWebp('VP8L', ...inner).subarray(12)])
}

/** An animation whose frames say their own size. */
export function animatedWebp(frames: readonly (readonly [number, number])[]): Buffer {
  const drawn = frames.map(([width, height]) => {
    const head = Buffer.alloc(24)
    head.write('ANMF', 0)
    head.writeUInt32LE(34, 4)
    head.writeUIntLE(width - 1, 14, 3)
    head.writeUIntLE(height - 1, 17, 3)
    return Buffer.concat([head, plainWebp('VP8L', width, height).subarray(12)])
  })
  return Buffer.concat([webp(8, 8), ...drawn])
}

export function bmp(width = 5, height = -4): Buffer {
  const bytes = Buffer.alloc(58)
  bytes.write('BM', 0)
  bytes.writeUInt32LE(58, 2)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  return bytes
}

export function tiff(width = 7, height = 9, little = true): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 24 + 4)
  const u16 = (value: number, at: number): unknown =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at)
  const u32 = (value: number, at: number): unknown =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at)
  bytes.write(little ? 'II' : 'MM', 0)
  u16(42, 2)
  u32(8, 4)
  u16(2, 8)
  ;[
    [256, width],
    [257, height],
  ].forEach(([tag, value], row) => {
    const at = 10 + row * 12
    u16(tag as number, at)
    u16(4, at + 2)
    u32(1, at + 4)
    u32(value as number, at + 8)
  })
  return bytes
}

/** Pages in a chain; with `loops`, the last one leads back to the first. */
export function tiffPages(sizes: readonly (readonly [number, number])[], loops = false): Buffer {
  const pages = sizes.map(([width, height], page) => {
    const directory = tiff(width, height).subarray(8)
    const isLast = page === sizes.length - 1
    directory.writeUInt32LE(isLast ? (loops ? 8 : 0) : 8 + directory.length * (page + 1), directory.length - 4)
    return directory
  })
  return Buffer.concat([tiff().subarray(0, 8), ...pages])
}

export function ico(width = 16, height = 16): Buffer {
  const bytes = Buffer.alloc(40)
  bytes.writeUInt16LE(1, 2)
  bytes.writeUInt16LE(1, 4)
  bytes[6] = width
  bytes[7] = height
  bytes.writeUInt32LE(22, 18)
  return bytes
}

/** An icon whose one picture is a PNG, as far inside as asked for. */
export function pngIcon(width: number, height: number, at = 22): Buffer {
  const head = Buffer.concat([ico(0, 0).subarray(0, 22), Buffer.alloc(at - 22)])
  head.writeUInt32LE(at, 18)
  return Buffer.concat([head, png(width, height)])
}

/** An icon whose one picture is a bitmap of another size than the directory says. */
export function bitmapIcon(width: number, height: number): Buffer {
  const bitmap = Buffer.alloc(40)
  bitmap.writeUInt32LE(40, 0)
  bitmap.writeInt32LE(width, 4)
  bitmap.writeInt32LE(height * 2, 8)
  return Buffer.concat([ico(16, 16).subarray(0, 22), bitmap])
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + content.reduce((sum, { length }) => sum + length, 0), 0)
  head.write(type, 4)
  return Buffer.concat([head, ...content])
}

/** An AVIF or HEIF; before its index, what says something else of its size. */
export function avif(width = 10, height = 20, brand = 'avif', before: Buffer = Buffer.alloc(0)): Buffer {
  const size = Buffer.alloc(12)
  size.writeUInt32BE(width, 4)
  size.writeUInt32BE(height, 8)
  const properties = box('iprp', box('ipco', box('ispe', size)))
  return Buffer.concat([
    box('ftyp', Buffer.from(`${brand}\0\0\0\0mif1miaf`)),
    before,
    box('meta', Buffer.alloc(4), properties),
    box('mdat', Buffer.alloc(20)),
  ])
}

/** A sequence of pictures, which says its size in the description of its track. */
export function avifSequence(width: number, height: number): Buffer {
  const entry = Buffer.alloc(28)
  entry.writeUInt16BE(width, 24)
  entry.writeUInt16BE(height, 26)
  return avif(1, 1, 'avis', box('moov', box('av01', entry)))
}

export const freeBox = (length: number): Buffer => box('free', Buffer.alloc(length, 'ispe'))

export function pdf(extra = '', streams: readonly Buffer[] = []): Buffer {
  return Buffer.concat([
    Buffer.from(`%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction [3 0 R /Fit] ${extra} >>\nendobj\n`),
    ...streams,
    Buffer.from('trailer << /Root 1 0 R >>\n%%EOF\n'),
  ])
}

export function objectStream(content: string, dictionary = '/Filter /FlateDecode', type = '/ObjStm'): Buffer {
  const packed = deflateSync(content)
  return Buffer.concat([
    Buffer.from(`9 0 obj\n<< /Type ${type} /N 1 /First 4 ${dictionary} /Length ${packed.length} >>\nstream\r\n`),
    packed,
    Buffer.from('\nendstream\nendobj\n'),
  ])
}

const contentTypes = '<?xml version="1.0"?><Types><Override ContentType="application/xml"/></Types>'

export function office(kind: 'word' | 'xl' | 'ppt', more: readonly ZipPart[] = [], types = contentTypes): Buffer {
  return zip([
    { name: '[Content_Types].xml', content: types },
    { name: `${kind}/document.xml`, content: '<d/>' },
    ...more,
  ])
}

export function openDocument(kind = 'text', more: readonly ZipPart[] = []): Buffer {
  const mime = `application/vnd.oasis.opendocument.${kind}`
  return zip([{ name: 'mimetype', content: mime, stored: true }, { name: 'content.xml', content: '<c/>' }, ...more])
}

export function ole(more: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), more, Buffer.alloc(600)])
}

export function eicar(): Buffer {
  return Buffer.from(`X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
}

export const svg = (inside = '', attributes = ''): Buffer =>
  Buffer.from(
    `<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><circle r="1"/>${inside}</svg>`,
  )

export { gzipSync as gzip }
