import { rejectUnknownOptions } from '@hardening/core'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { UploadRefusedError } from '../errors.js'
import { FileSource } from './inspect/byte-source.js'
import { inspectBytes } from './inspect/inspect-file.js'
import { RefusedContent } from './inspect/refusal.js'
import { inspectionOptionNames, resolveInspection, type InspectionOptions } from './options.js'

/** What {@link inspectFile} may be given. */
export interface InspectFileOptions extends InspectionOptions {
  /** The name that it came with. @defaultValue the last part of its path */
  name?: string
  /** The media type that it came with. @defaultValue none */
  declaredType?: string
}

/** What a file turned out to be. */
export interface InspectedFileFacts {
  /** Short name of its type: `pdf`. */
  readonly type: string
  readonly mimeType: string
  /** Bytes. */
  readonly size: number
  /** In pixels, of a picture. */
  readonly width?: number
  /** In pixels, of a picture. */
  readonly height?: number
}

/**
 * Looks into a file that is there already, such as one that was fetched, by the same rules as {@link uploads}.
 *
 * @throws UploadRefusedError `ERR_VALIDATION_UPLOAD_REFUSED` where it is not taken. It is not deleted.
 */
export async function inspectFile(path: string, options: InspectFileOptions = {}): Promise<InspectedFileFacts> {
  rejectUnknownOptions('inspectFile', options, [...inspectionOptionNames, 'name', 'declaredType'])
  const { name = basename(path), declaredType, ...rest } = options
  const rules = resolveInspection('inspectFile', rest)
  const handle = await open(path, 'r')
  try {
    const { size } = await handle.stat()
    const { type, width, height } = await inspectBytes(new FileSource(handle, size), { name, declaredType }, rules)
    const pixels = width === undefined || height === undefined ? {} : { width, height }
    return { type: type.id, mimeType: type.mime, size, ...pixels }
  } catch (error) {
    if (!(error instanceof RefusedContent)) throw error
    throw new UploadRefusedError('file', error.refusal.code, error.refusal.message)
  } finally {
    await handle.close()
  }
}
