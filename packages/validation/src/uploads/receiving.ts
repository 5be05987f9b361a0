import { createHash, randomUUID, type Hash } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import busboy from 'busboy'
import {
  RequestValidationError,
  UploadLimitError,
  UploadMalformedError,
  UploadRefusedError,
  UploadScannerError,
  UploadStalledError,
} from '../errors.js'
import { sanitizeFilename } from '../sanitize/sanitize-filename.js'
import { jsonPointer } from '../validate/issues.js'
import { reachesPrototype } from '../validate/shape.js'
import { FileSource } from './inspect/byte-source.js'
import { headLength } from './inspect/detect-type.js'
import { inspectBytes, refuseByHead, type FileClaims, type InspectedFile } from './inspect/inspect-file.js'
import { RefusedContent } from './inspect/refusal.js'
import { isClean } from './ask-scanner.js'
import type { ResolvedUploadsOptions } from './options.js'
import { StoredFile } from './uploaded-file.js'

/** The fields of a form that are no files; a name that comes again gives a list. */
export type FormFields = Record<string, string | string[]>

/** One multipart body on its way in. Whatever ends it early, nothing of it stays on disk. */
export class Receiving {
  readonly fields: FormFields = {}
  readonly files: StoredFile[] = []
  /** What looked like an attack, where that is why it failed. */
  threat: { readonly field: string; readonly rule: string } | undefined
  readonly #req: IncomingMessage
  readonly #options: ResolvedUploadsOptions
  readonly #gone: () => AbortSignal
  readonly #stop = new AbortController()
  readonly #tasks: Promise<void>[] = []
  readonly #paths = new Set<string>()
  #bytes = 0
  #lastByte: number
  #timer: unknown
  #fail: (error: unknown) => void = () => undefined

  /** @param gone - fires where nobody waits for the answer any more. */
  constructor(req: IncomingMessage, options: ResolvedUploadsOptions, gone: () => AbortSignal) {
    this.#req = req
    this.#gone = gone
    this.#options = options
    this.#lastByte = options.clock.monotonic()
  }

  /** Resolves when all files are stored; rejects when one is not, and everything is gone from the disk. */
  async run(): Promise<void> {
    try {
      this.#refuseEarly()
      await this.#parse()
    } catch (error) {
      this.#stop.abort()
      await Promise.allSettled(this.#tasks)
      await this.discard()
      this.#drain()
      throw error
    }
  }

  /** Deletes all that was stored. */
  async discard(): Promise<void> {
    await Promise.all([...this.#paths].map((path) => rm(path, { force: true })))
  }

  #refuseEarly(): void {
    const { maxTotalBytes } = this.#options
    if (Number(this.#req.headers['content-length']) > maxTotalBytes) throw totalLimit(maxTotalBytes)
    if (this.#req.readableEnded) throw new UploadMalformedError('The body was read before it came to the uploads.')
  }

  async #parse(): Promise<void> {
    const req = this.#req
    const parser = this.#parser()
    const parsed = new Promise<void>((resolve, reject) => {
      this.#fail = reject
      parser.once('close', resolve)
    })
    const onData = (chunk: Buffer): void => {
      this.#bytes += chunk.length
      this.#lastByte = this.#options.clock.monotonic()
      if (this.#bytes > this.#options.maxTotalBytes) this.#fail(totalLimit(this.#options.maxTotalBytes))
      else if (!parser.write(chunk)) req.pause()
    }
    const onDrain = (): void => void req.resume()
    const onEnd = (): void => void parser.end()
    const onClose = (): void => {
      if (!req.complete) this.#fail(new UploadMalformedError('The upload ended before it was complete.'))
    }
    req.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
    parser.on('drain', onDrain)
    this.#watch()
    try {
      await parsed
      await Promise.all(this.#tasks)
    } finally {
      this.#options.clock.clearTimeout(this.#timer)
      req.off('data', onData).off('end', onEnd).off('close', onClose)
      // A connection that breaks while the rest is drained is no news.
      req.on('error', () => undefined)
      parser.on('error', () => undefined).destroy()
    }
  }

  #parser(): busboy.Busboy {
    const { maxFileBytes, maxFiles, maxFields, maxFieldBytes, fileFields } = this.#options
    let parser: busboy.Busboy
    try {
      parser = busboy({
        headers: this.#req.headers,
        defParamCharset: 'utf8',
        // It stops at a limit, so one more byte than is accepted tells what is too long.
        limits: {
          fileSize: maxFileBytes + 1,
          fieldSize: maxFieldBytes + 1,
          files: maxFiles,
          fields: maxFields,
          // Parts that are neither count too.
          parts: maxFiles + maxFields + 1,
        },
      })
    } catch (error) {
      throw new UploadMalformedError('The upload has no valid boundary.', error)
    }
    const limit = (name: string, most: number) => (): void =>
      this.#fail(new UploadLimitError(name, `The upload has more than ${most} ${name}.`))
    return parser
      .on('filesLimit', limit('files', maxFiles))
      .on('fieldsLimit', limit('fields', maxFields))
      .on('partsLimit', limit('parts', maxFiles + maxFields))
      .on('error', (error) => this.#fail(new UploadMalformedError('The upload is damaged.', error)))
      .on('field', (name, value, info) => {
        try {
          this.#keepField(name, value, info.valueTruncated)
        } catch (error) {
          this.#fail(error)
        }
      })
      .on('file', (field, stream, info) => {
        // Whoever waits for it hears of its end; until then an error must find somebody.
        stream.on('error', () => undefined)
        const accepted = fileFields === undefined || fileFields.has(field)
        const task = accepted
          ? this.#store(checkName(field), stream, { name: info.filename ?? '', declaredType: info.mimeType })
          : Promise.reject(new UploadRefusedError(field, 'unexpected_field', 'is in a field that takes none'))
        this.#tasks.push(task)
        task.catch((error: unknown) => this.#fail(error))
      })
  }

  #keepField(name: string | undefined, value: string, truncated: boolean): void {
    const { maxFieldBytes } = this.#options
    checkName(name)
    if (truncated || Buffer.byteLength(value) > maxFieldBytes) {
      throw new UploadLimitError('field_size', `A field of the upload is larger than ${maxFieldBytes} bytes.`)
    }
    const before = Object.hasOwn(this.fields, name as string) ? this.fields[name as string] : undefined
    this.fields[name as string] = before === undefined ? value : ([] as string[]).concat(before, value)
  }

  async #store(field: string, stream: Readable & { truncated?: boolean }, claims: FileClaims): Promise<void> {
    const id = randomUUID()
    const { folder } = this.#options
    await folder.prepare()
    const path = join(folder.path, `${id}.part`)
    this.#paths.add(path)
    const handle = await open(path, 'wx+', 0o600)
    let size: number
    let inspected: InspectedFile
    const hash = createHash('sha256')
    try {
      size = await this.#write(handle, hash, stream, claims)
      // A form sends a nameless, empty part for a file that nobody chose.
      if (size === 0 && claims.name === '') return await this.#forget(path)
      inspected = await inspectBytes(new FileSource(handle, size), claims, this.#options.rules)
    } catch (error) {
      throw error instanceof RefusedContent ? this.#refused(field, error) : error
    } finally {
      await handle.close()
    }
    const sha256 = hash.digest('hex')
    await this.#scan(field, path, size, sha256)
    const { type, width, height } = inspected
    const storedName = `${id}.${type.extensions[0]}`
    const stored = join(folder.path, storedName)
    this.#paths.add(stored)
    await rename(path, stored)
    const originalName = sanitizeFilename(claims.name)
    const facts = { field, originalName, storedName, path: stored, size, sha256, width, height }
    this.files.push(new StoredFile({ ...facts, type: type.id, mimeType: type.mime }))
  }

  async #write(
    handle: FileHandle,
    hash: Hash,
    stream: Readable & { truncated?: boolean },
    claims: FileClaims,
  ): Promise<number> {
    const { maxFileBytes, rules } = this.#options
    let size = 0
    let head: Buffer | undefined = Buffer.alloc(0)
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      this.#stop.signal.throwIfAborted()
      size += chunk.length
      if (size > maxFileBytes) break
      if (head !== undefined) {
        head = Buffer.concat([head, chunk.subarray(0, headLength)])
        if (head.length >= headLength) {
          refuseByHead(head.subarray(0, headLength), claims, rules)
          head = undefined
        }
      }
      hash.update(chunk)
      await handle.write(chunk)
    }
    if (size > maxFileBytes || stream.truncated === true) {
      throw new UploadLimitError('file_size', `A file is larger than ${maxFileBytes} bytes.`)
    }
    return size
  }

  async #forget(path: string): Promise<void> {
    await rm(path, { force: true })
    this.#paths.delete(path)
  }

  #refused(field: string, { refusal: { code, message, threat } }: RefusedContent): UploadRefusedError {
    if (threat) this.threat ??= { field, rule: code }
    return new UploadRefusedError(field, code, message)
  }

  async #scan(field: string, path: string, size: number, sha256: string): Promise<void> {
    const { scanner, scannerFailure, clock, scanMs } = this.#options
    if (scanner === undefined) return
    let clean: boolean
    try {
      const signal = AbortSignal.any([this.#stop.signal, this.#gone()])
      clean = await isClean(scanner, { path, size, sha256 }, { clock, timeoutMs: scanMs, signal })
    } catch (error) {
      if (scannerFailure === 'accept' && !this.#stop.signal.aborted) return
      throw new UploadScannerError(error)
    }
    if (!clean) throw this.#refused(field, new RefusedContent('virus', 'contains a virus signature'))
  }

  /** Gives up where no byte comes, unless it is we who wait. */
  #watch(): void {
    const { clock, stallMs } = this.#options
    const silent = clock.monotonic() - this.#lastByte
    if (silent >= stallMs && !this.#req.isPaused() && !this.#req.complete) return this.#fail(new UploadStalledError())
    this.#timer = clock.setTimeout(() => this.#watch(), Math.max(1_000, stallMs - silent))
  }

  /** Takes what the client still sends, so that it can read the answer; from somebody who sends on and on, no more than a body. */
  #drain(): void {
    const req = this.#req
    if (req.readableEnded || req.destroyed) return
    let left = this.#options.maxTotalBytes
    req.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) req.destroy()
    })
    req.resume()
  }
}

const longestFieldName = 200

function checkName(name: string | undefined): string {
  if (name === undefined || name === '') throw new UploadMalformedError('A field of the upload has no name.')
  if (name.length > longestFieldName)
    throw new UploadLimitError('field_name', 'A field of the upload has too long a name.')
  if (name === 'constructor' || reachesPrototype(name, undefined)) {
    const detail = 'must not be used as a key'
    throw new RequestValidationError([{ in: 'body', pointer: jsonPointer([name]), code: 'forbidden_key', detail }])
  }
  return name
}

function totalLimit(most: number): UploadLimitError {
  return new UploadLimitError('total_size', `The upload is larger than ${most} bytes.`)
}
