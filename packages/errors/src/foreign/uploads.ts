import type { ForeignMapping, Mapped } from './mapped-error.js'
import { readText } from './safe-read.js'

const byCode: Readonly<Record<string, Mapped>> = {
  LIMIT_FILE_SIZE: { status: 413, detail: 'A file is too large.' },
  LIMIT_FILE_COUNT: { status: 413, detail: 'There are too many files.' },
  LIMIT_PART_COUNT: { status: 413, detail: 'The form has too many parts.' },
  LIMIT_FIELD_COUNT: { status: 413, detail: 'The form has too many fields.' },
  LIMIT_FIELD_VALUE: { status: 413, detail: 'The value of a field is too long.' },
  LIMIT_FIELD_KEY: { status: 400, detail: 'The name of a field is too long.' },
  LIMIT_FIELD_NESTING: { status: 400, detail: 'A field is nested too deeply.' },
  LIMIT_UNEXPECTED_FILE: { status: 400, detail: 'A file came in a field that takes none.' },
  MISSING_FIELD_NAME: { status: 400, detail: 'A field has no name.' },
}

const malformed: Mapped = { status: 400, code: 'ERR_HTTP_BODY_MALFORMED', detail: 'The form is malformed.' }
const busboyMessages: ReadonlySet<string> = new Set([
  'Multipart: Boundary not found',
  'Malformed content type',
  'Malformed part header',
  'Unexpected end of form',
  'Unexpected end of file',
])

/** Errors of multer, and of busboy beneath it, which tells them by their message alone. */
export const fromUpload: ForeignMapping = (error) => {
  if (readText(error, 'name') === 'MulterError') {
    const code = readText(error, 'code')
    return Object.hasOwn(byCode, code) ? byCode[code] : { status: 400, detail: 'The upload is not valid.' }
  }
  return busboyMessages.has(readText(error, 'message')) ? malformed : undefined
}
