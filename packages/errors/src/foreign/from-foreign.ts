import { isHttpError, type HttpError } from '@hardening/core'
import { fromBodyParser } from './body-parser.js'
import { fromHttpClient } from './http-client.js'
import { mappedError, type ForeignMapping, type Mapped } from './mapped-error.js'
import { fromNetwork } from './network.js'
import { readText } from './safe-read.js'
import { fromSchemaIssues } from './schema-issues.js'
import { fromToken } from './tokens.js'
import { fromUpload } from './uploads.js'
import { fromStatus } from './with-status.js'

const fromMalformedUrl: ForeignMapping = (error) =>
  readText(error, 'name') === 'URIError'
    ? { status: 400, code: 'ERR_HTTP_URL_MALFORMED', detail: 'The URL is malformed.' }
    : undefined

/** In order: what knows its own text better goes before what goes by `status`, which many foreign errors misuse. */
const mappings: readonly ForeignMapping[] = [
  fromBodyParser,
  fromMalformedUrl,
  fromSchemaIssues,
  fromToken,
  fromUpload,
  fromHttpClient,
  fromStatus,
  fromNetwork,
]

const internal: Mapped = { status: 500 }

/** The HTTP error for whatever was thrown: itself where it is one, what it is mapped to, else a 500. Never throws. */
export function fromForeign(error: unknown): HttpError {
  if (isHttpError(error)) return error
  if ((typeof error !== 'object' && typeof error !== 'function') || error === null) return mappedError(internal, error)
  for (const mapping of mappings) {
    const mapped = attempt(mapping, error)
    if (mapped !== undefined) return mappedError(mapped, error)
  }
  return mappedError(internal, error)
}

function attempt(mapping: ForeignMapping, error: object): Mapped | undefined {
  try {
    return mapping(error)
  } catch {
    return undefined
  }
}
