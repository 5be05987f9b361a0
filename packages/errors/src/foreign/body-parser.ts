import type { ForeignMapping, Mapped } from './mapped-error.js'
import { readText } from './safe-read.js'

/**
 * What body-parser and raw-body say in `type`. Their messages are replaced: that of a malformed body quotes it.
 */
const byType: Readonly<Record<string, Mapped>> = {
  'charset.unsupported': { status: 415, detail: 'The charset of the request body is not supported.' },
  'encoding.unsupported': { status: 415, detail: 'The content encoding of the request body is not supported.' },
  'entity.parse.failed': { status: 400, code: 'ERR_HTTP_BODY_MALFORMED', detail: 'The request body is malformed.' },
  'entity.too.large': { status: 413, detail: 'The request body is too large.' },
  'entity.verify.failed': { status: 403, detail: 'The request body could not be verified.' },
  'parameters.too.many': { status: 413, detail: 'The request body has too many parameters.' },
  'querystring.parse.rangeError': { status: 400, detail: 'The request body is nested too deeply.' },
  'request.aborted': { status: 400, code: 'ERR_HTTP_REQUEST_ABORTED', detail: 'The request was aborted.' },
  'request.size.invalid': {
    status: 400,
    code: 'ERR_HTTP_BODY_MALFORMED',
    detail: 'The request body is not as long as Content-Length says.',
  },
}

/** Errors of body-parser, which Express bundles. */
export const fromBodyParser: ForeignMapping = (error) => {
  const type = readText(error, 'type')
  return Object.hasOwn(byType, type) ? byType[type] : undefined
}
