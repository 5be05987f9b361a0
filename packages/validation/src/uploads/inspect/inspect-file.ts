import { piecesOf, type ByteSource } from './byte-source.js'
import { ArchiveInspection, type ArchiveLimits } from './archive.js'
import { detectType, headLength } from './detect-type.js'
import { extensionOf, findMismatch, findNameRefusal, textTypeOf } from './file-name.js'
import { typeById, type FileType } from './file-types.js'
import { imageSize, type ImageSize } from './image/image-size.js'
import { refusePngBomb } from './image/png-data.js'
import { endsAsZip, MarkerScan } from './markers.js'
import { isTelling, namesOleMacro, refuseActiveOffice, zipType } from './office.js'
import { inspectPdf } from './pdf.js'
import { RefusedContent } from './refusal.js'
import { inspectRtf } from './rtf.js'
import { inspectSvg } from './svg.js'
import { Utf8Check } from './utf8.js'

/** What files are taken, and how far they are looked into. */
export interface InspectionRules {
  readonly types: readonly FileType[]
  readonly maxPixels: number
  readonly archive: ArchiveLimits
}

/** Pictures of the largest size allowed that an animation, or a file of several pages, may have in all. */
const framesAllowed = 20

/** What is known of a file besides its bytes; none of it is believed. */
export interface FileClaims {
  readonly name: string
  readonly declaredType?: string | undefined
}

/** What a file turned out to be. */
export interface InspectedFile extends Partial<ImageSize> {
  readonly type: FileType
}

const notAccepted = (): RefusedContent => new RefusedContent('type_not_allowed', 'is of a type that is not accepted')

/**
 * Refuses by the first bytes what no further byte can save, so that nothing more of it need be received.
 *
 * @throws RefusedContent
 */
export function refuseByHead(head: Buffer, claims: FileClaims, rules: InspectionRules): void {
  const refused = findNameRefusal(claims.name, rules.types)
  if (refused !== undefined) throw new RefusedContent(refused.code, refused.message)
  const id = detectType(head)
  if (id === 'zip') {
    if (!rules.types.some((type) => zipBased.has(type.id))) throw notAccepted()
  } else if (id === 'text') {
    if (!rules.types.some((type) => type.family === 'text')) throw notAccepted()
  } else if (id !== undefined && !rules.types.some((type) => type.id === id)) {
    throw notAccepted()
  }
}

const zipBased: ReadonlySet<string> = new Set('zip docx xlsx pptx odt ods odp epub jar'.split(' '))

/**
 * What a file is, decided from its bytes, after it has been looked into for everything that makes a file of its type dangerous.
 *
 * @throws RefusedContent
 */
export async function inspectBytes(
  source: ByteSource,
  claims: FileClaims,
  rules: InspectionRules,
): Promise<InspectedFile> {
  if (source.size === 0) throw new RefusedContent('empty', 'is empty')
  const head = await source.read(0, headLength)
  refuseByHead(head, claims, rules)
  const id = detectType(head)
  if (id === undefined || id === 'text') return { type: await inspectText(source, claims, rules, id) }
  const type = id === 'zip' ? await inspectZip(source, rules) : (typeById.get(id) as FileType)
  if (!rules.types.includes(type)) throw notAccepted()
  refuseMismatch(type, claims)
  await scan(source, type)
  if (type.family === 'image') return { type, ...(await inspectImage(source, type, rules)) }
  if (type.id === 'pdf') await inspectPdf(source, rules.archive.maxUnpackedBytes)
  if (type.id === 'rtf') await inspectRtf(source)
  if (type.id === 'gzip') await new ArchiveInspection(rules.archive).gzip(source)
  return { type }
}

function refuseMismatch(type: FileType, { name, declaredType }: FileClaims): void {
  const mismatch = findMismatch(type, name, declaredType)
  if (mismatch !== undefined) throw new RefusedContent(mismatch.code, mismatch.message)
}

async function inspectText(
  source: ByteSource,
  claims: FileClaims,
  rules: InspectionRules,
  id: string | undefined,
): Promise<FileType> {
  const type = textTypeOf(claims.name)
  const wanted = rules.types.includes(type)
  // Bytes without a signature that are called a text are a text in another encoding, or none at all.
  if (id === undefined && !(wanted && type.extensions.includes(extensionOf(claims.name)))) {
    throw new RefusedContent('unknown_type', 'is of a type that is not known')
  }
  if (!wanted) throw notAccepted()
  const check = new Utf8Check()
  const markers = new MarkerScan({ pages: false, entities: type.id === 'xml' })
  for await (const piece of piecesOf(source)) {
    markers.push(piece)
    if (!check.push(piece)) throw new RefusedContent('not_utf8', 'is not text in UTF-8')
  }
  if (!check.end()) throw new RefusedContent('not_utf8', 'is not text in UTF-8')
  refuseMismatch(type, claims)
  return type
}

async function inspectZip(source: ByteSource, rules: InspectionRules): Promise<FileType> {
  const content = await new ArchiveInspection(rules.archive).zip(source, isTelling)
  const type = typeById.get(zipType(content)) as FileType
  if (type.family === 'document') refuseActiveOffice(content)
  return type
}

async function inspectImage(
  source: ByteSource,
  type: FileType,
  rules: InspectionRules,
): Promise<ImageSize | undefined> {
  if (type.id === 'svg') {
    await inspectSvg(source)
    return undefined
  }
  const size = await imageSize(type.id, source)
  if (size === undefined || size.width === 0 || size.height === 0) throw new RefusedContent('broken', 'is damaged')
  if (size.width * size.height > rules.maxPixels) {
    throw new RefusedContent('too_many_pixels', `has more than ${rules.maxPixels} pixels`)
  }
  const mostPixels = rules.maxPixels * framesAllowed
  if (size.pixels > mostPixels) {
    throw new RefusedContent('too_many_pixels', `has more than ${mostPixels} pixels in all its pictures`)
  }
  if (type.id === 'png') await refusePngBomb(source)
  return size
}

/** What is looked for in every file that shows a signature: another type at the same time, a virus, a macro. */
async function scan(source: ByteSource, type: FileType): Promise<void> {
  const zipped = zipBased.has(type.id)
  if (!zipped && endsAsZip(await source.read(Math.max(0, source.size - 65_557), 65_557))) {
    throw new RefusedContent('polyglot', 'is an archive at the same time')
  }
  const start = await source.read(0, 1_024)
  if (type.id !== 'pdf' && start.includes('%PDF-')) throw new RefusedContent('polyglot', 'is a PDF at the same time')
  if (type.id === 'pdf' && !start.subarray(0, 5).equals(Buffer.from('%PDF-'))) {
    throw new RefusedContent('polyglot', 'is something else before it is a PDF')
  }
  // In a PDF and in a drawing, markup is content; what it may do is looked at by their own inspection.
  const markers = new MarkerScan({ pages: type.family === 'image' && type.id !== 'svg' })
  let before: Buffer = Buffer.alloc(0)
  for await (const piece of piecesOf(source)) {
    markers.push(piece)
    if (type.id !== 'ole') continue
    if (namesOleMacro(piece) || namesOleMacro(Buffer.concat([before, piece.subarray(0, 64)]))) {
      throw new RefusedContent('macro', 'contains a macro or embedded program')
    }
    before = Buffer.from(piece.subarray(-64))
  }
}
