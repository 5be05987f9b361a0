import { channels, middleware, type Exchange, type NoteKey, type StepMiddleware } from '@hardening/core'
import type { IncomingMessage } from 'node:http'
import { resolveUploadsOptions, type ResolvedUploadsOptions, type UploadsOptions } from './options.js'
import { Receiving, type FormFields } from './receiving.js'
import type { StoredFile, UploadedFile } from './uploaded-file.js'

/** Middleware that receives files. */
export type UploadsMiddleware = StepMiddleware & {
  /** The files of a request, in the order in which they were complete; none where it had no multipart body. */
  files(req: IncomingMessage): readonly UploadedFile[]
}

type UploadRequest = IncomingMessage & { body?: unknown; files?: unknown }

const storedFiles: NoteKey<readonly StoredFile[]> = { name: 'uploads' }

/**
 * Receives `multipart/form-data`: files go to disk as they come, are looked into by what their bytes are, and stand in `req.files`;
 * other fields stand in `req.body`. What is refused, broken or given up leaves nothing on the disk. Other bodies pass.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` for options that cannot work. To `next` go {@link UploadRefusedError},
 * {@link UploadLimitError}, {@link UploadMalformedError}, {@link UploadStalledError} and {@link UploadScannerError}.
 *
 * @example
 * ```ts
 * const receive = uploads({ folder: '/var/lib/app/uploads', types: ['pdf', 'txt'], maxFileSize: '50mb' })
 * app.post('/documents', receive, async (req, res) => {
 *   const [file] = receive.files(req)
 *   res.json({ name: file.originalName, sha256: file.sha256 })
 * })
 * ```
 */
export function uploads(options: UploadsOptions = {}): UploadsMiddleware {
  const resolved = resolveUploadsOptions(options)
  const received = new WeakMap<IncomingMessage, readonly UploadedFile[]>()
  const made = middleware({
    name: 'uploads',
    request: (exchange) => (isMultipart(exchange.req) ? receive(exchange, resolved, received) : undefined),
    end: (exchange) => removeUnkept(exchange, resolved),
  })
  return Object.assign(made, { files: (req: IncomingMessage) => received.get(req) ?? [] })
}

function isMultipart(req: IncomingMessage): boolean {
  return /^multipart\/form-data[\s;]/i.test(`${req.headers['content-type'] ?? ''};`)
}

async function receive(
  exchange: Exchange,
  options: ResolvedUploadsOptions,
  received: WeakMap<IncomingMessage, readonly UploadedFile[]>,
): Promise<void> {
  const receiving = new Receiving(exchange.req, options, () => exchange.context.signal)
  try {
    await receiving.run()
  } catch (error) {
    if (receiving.threat !== undefined) tellThreat(exchange, receiving.threat)
    exchange.refuse(error)
    return
  }
  // Who waited for the scanner may find the client gone, and the end of the exchange already told.
  if (exchange.ended) return receiving.discard()
  exchange.setNote(storedFiles, receiving.files)
  received.set(exchange.req, receiving.files)
  setParsed(exchange.req, receiving.fields, receiving.files)
}

function setParsed(req: UploadRequest, body: FormFields, files: readonly UploadedFile[]): void {
  req.body = body
  req.files = files
}

function removeUnkept(exchange: Exchange, { removeUnkept: when }: ResolvedUploadsOptions): void {
  const files = exchange.note(storedFiles)
  if (files === undefined || (when === 'failed' && exchange.status < 400 && !exchange.aborted)) return
  for (const file of files) {
    if (!file.kept) file.remove().catch(warn)
  }
}

function warn(error: unknown): void {
  process.emitWarning(`uploads: a file could not be deleted: ${String(error)}`, { code: 'HARDENING_UPLOADS_REMOVE' })
}

function tellThreat(exchange: Exchange, { field, rule }: { readonly field: string; readonly rule: string }): void {
  if (!channels.threat.hasSubscribers) return
  channels.threat.publish({ exchange, kind: 'upload', rule, score: 5, field: `body.${field}`, blocked: true })
}
