import {
  choiceOption,
  ConfigError,
  durationOption,
  functionOption,
  integerOption,
  rejectUnknownOptions,
  sizeOption,
  stringOption,
  systemClock,
  type Clock,
  type Duration,
  type Size,
} from '@hardening/core'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InspectionRules } from './inspect/inspect-file.js'
import { fileTypes, typeById, type FileType } from './inspect/file-types.js'
import type { FileScanner } from './scanner.js'
import { UploadFolder } from './upload-folder.js'

/** How far archives, and documents made of them, may unfold. */
export interface ArchiveOptions {
  /** Entries in all, also of archives within. @defaultValue 2,000 */
  maxEntries?: number
  /** Size unpacked, in all. @defaultValue `'200mb'` */
  maxUnpackedSize?: Size
  /** How many times its packed size an entry of more than 1 MB may have. @defaultValue 200 */
  maxRatio?: number
  /** Archives within one another; 1 is an archive without another in it. @defaultValue 2 */
  maxNesting?: number
}

/** What is looked at in a file: options that {@link uploads} and `inspectFile` share. */
export interface InspectionOptions {
  /**
   * Types that are taken, by short name: `jpeg png gif webp bmp tiff ico avif heic svg`, `pdf rtf docx xlsx pptx odt ods odp epub
   * ole`, `zip gzip`, `mp3 wav flac ogg mp4 webm avi`, `txt md csv tsv json yaml xml`, `woff woff2 ttf sqlite`.
   *
   * @defaultValue `['jpeg', 'png', 'gif', 'webp', 'pdf', 'txt']`
   */
  types?: readonly string[]
  /**
   * Pixels of a picture, or of the largest frame or page of one: by its header, and by what stands in it where that is more. All
   * frames and pages together may have 20 times as many.
   *
   * @defaultValue 50,000,000
   */
  maxPixels?: number
  /** Bounds of archives and of documents made of them. */
  archive?: ArchiveOptions
  /**
   * Also takes archives that cannot be looked into: `tar bzip2 xz zstd 7z rar cab`, where `types` names them.
   *
   * @defaultValue `false`
   */
  dangerouslyAllowOpaqueArchives?: boolean
}

/** What {@link uploads} may be given. */
export interface UploadsOptions extends InspectionOptions {
  /** Where files are stored; made where it does not exist. @defaultValue `hardening-uploads` in the system's folder for temporary files */
  folder?: string
  /** Size of one file. @defaultValue `'10mb'` */
  maxFileSize?: Size
  /** Size of the whole body. @defaultValue `'50mb'`, or `maxFileSize` and 1 MB where that is more */
  maxTotalSize?: Size
  /** Files of one request. @defaultValue 5 */
  maxFiles?: number
  /** Fields of one request that are no files. @defaultValue 50 */
  maxFields?: number
  /** Size of a field that is no file. @defaultValue `'64kb'` */
  maxFieldSize?: Size
  /** Fields that may hold files. @defaultValue any */
  fileFields?: readonly string[]
  /** How long no byte may come before the upload is given up. @defaultValue `'30s'` */
  stallTimeout?: Duration
  /** Looks into each file before it is handed on: {@link clamdScanner} or one's own. @defaultValue none */
  scanner?: FileScanner
  /** How long the scanner may take over one file, whether or not it listens to its signal. @defaultValue `'1m'` */
  scanTimeout?: Duration
  /** What happens where the scanner cannot be asked: 503, or the file is taken unscanned. @defaultValue `'refuse'` */
  scannerFailure?: 'refuse' | 'accept'
  /**
   * When files are deleted that nobody has kept or moved: when the request fails (status from 400, or the client goes), or whenever it
   * ends.
   *
   * @defaultValue `'failed'`
   */
  removeUnkept?: 'failed' | 'always'
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
}

/** {@link UploadsOptions} with all defaults. */
export interface ResolvedUploadsOptions {
  readonly folder: UploadFolder
  readonly maxFileBytes: number
  readonly maxTotalBytes: number
  readonly maxFiles: number
  readonly maxFields: number
  readonly maxFieldBytes: number
  readonly fileFields: ReadonlySet<string> | undefined
  readonly stallMs: number
  readonly scanner: FileScanner | undefined
  readonly scanMs: number
  readonly scannerFailure: 'refuse' | 'accept'
  readonly removeUnkept: 'failed' | 'always'
  readonly clock: Clock
  readonly rules: InspectionRules
}

export const inspectionOptionNames: readonly (keyof InspectionOptions)[] = [
  'types',
  'maxPixels',
  'archive',
  'dangerouslyAllowOpaqueArchives',
]

const optionNames: readonly (keyof UploadsOptions)[] = [
  ...inspectionOptionNames,
  'folder',
  'maxFileSize',
  'maxTotalSize',
  'maxFiles',
  'maxFields',
  'maxFieldSize',
  'fileFields',
  'stallTimeout',
  'scanner',
  'scanTimeout',
  'scannerFailure',
  'removeUnkept',
  'clock',
]

export function resolveUploadsOptions(options: UploadsOptions): ResolvedUploadsOptions {
  rejectUnknownOptions('uploads', options, optionNames)
  const { folder, clock = systemClock, maxFileSize = '10mb', maxFiles = 5, maxFields = 50 } = options
  const { maxFieldSize = '64kb', stallTimeout = '30s', scannerFailure = 'refuse', removeUnkept = 'failed' } = options
  const maxFileBytes = sizeOption('uploads', 'maxFileSize', maxFileSize, 1)
  const { maxTotalSize = Math.max(50 * 1024 * 1024, maxFileBytes + 1024 * 1024) } = options
  return {
    folder: new UploadFolder(
      stringOption('uploads', 'folder', folder ?? join(tmpdir(), 'hardening-uploads')),
      folder === undefined,
      clock,
    ),
    maxFileBytes,
    maxTotalBytes: sizeOption('uploads', 'maxTotalSize', maxTotalSize, 1),
    maxFiles: integerOption('uploads', 'maxFiles', maxFiles, { min: 1, max: 1_000 }),
    maxFields: integerOption('uploads', 'maxFields', maxFields, { max: 10_000 }),
    maxFieldBytes: sizeOption('uploads', 'maxFieldSize', maxFieldSize, 1),
    fileFields: options.fileFields === undefined ? undefined : new Set(options.fileFields),
    stallMs: durationOption('uploads', 'stallTimeout', stallTimeout, { min: 1 }),
    scanner: options.scanner === undefined ? undefined : functionOption('uploads', 'scanner', options.scanner),
    scanMs: durationOption('uploads', 'scanTimeout', options.scanTimeout ?? '1m', { min: 1 }),
    scannerFailure: choiceOption('uploads', 'scannerFailure', scannerFailure, ['refuse', 'accept']),
    removeUnkept: choiceOption('uploads', 'removeUnkept', removeUnkept, ['failed', 'always']),
    clock,
    rules: resolveInspection('uploads', options),
  }
}

export function resolveInspection(factory: string, options: InspectionOptions): InspectionRules {
  const { types = ['jpeg', 'png', 'gif', 'webp', 'pdf', 'txt'], maxPixels = 50_000_000, archive = {} } = options
  rejectUnknownOptions(factory, archive, ['maxEntries', 'maxUnpackedSize', 'maxRatio', 'maxNesting'], 'archive')
  const { maxEntries = 2_000, maxUnpackedSize = '200mb', maxRatio = 200, maxNesting = 2 } = archive
  const opaque = options.dangerouslyAllowOpaqueArchives === true
  return {
    types: typesOf(factory, types, opaque),
    maxPixels: integerOption(factory, 'maxPixels', maxPixels, { min: 1 }),
    archive: {
      maxEntries: integerOption(factory, 'archive.maxEntries', maxEntries, { min: 1, max: 1_000_000 }),
      maxUnpackedBytes: sizeOption(factory, 'archive.maxUnpackedSize', maxUnpackedSize, 1),
      maxRatio: integerOption(factory, 'archive.maxRatio', maxRatio, { min: 1 }),
      maxNesting: integerOption(factory, 'archive.maxNesting', maxNesting, { min: 1, max: 5 }),
    },
  }
}

function typesOf(factory: string, ids: readonly string[], opaque: boolean): readonly FileType[] {
  const takes = (type: FileType): boolean => type.family !== 'active' && (opaque || type.family !== 'opaque-archive')
  const known = fileTypes.filter(takes).map((type) => type.id)
  if (!Array.isArray(ids) || ids.length === 0) {
    throw new ConfigError(factory, 'types', `a list of ${known.join(', ')}`, ids)
  }
  return ids.map((id) => typeById.get(choiceOption(factory, 'types', id, known)) as FileType)
}
