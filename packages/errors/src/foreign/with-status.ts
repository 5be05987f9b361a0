import { codeOfStatus } from './known-code.js'
import type { ForeignMapping } from './mapped-error.js'
import { read, readStatus, readText } from './safe-read.js'

/** Headers that belong to an error's status; what else a foreign error carries may not be meant for the client. */
const statusHeaders: Readonly<Record<string, string>> = {
  accept: 'Accept',
  'accept-patch': 'Accept-Patch',
  'accept-post': 'Accept-Post',
  allow: 'Allow',
  'content-range': 'Content-Range',
  'proxy-authenticate': 'Proxy-Authenticate',
  'retry-after': 'Retry-After',
  'www-authenticate': 'WWW-Authenticate',
}

const codePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/

/** Whatever has a `status` or `statusCode` of its own: http-errors, boom, Express itself, and users' own errors. */
export const fromStatus: ForeignMapping = (error) => {
  const output = read(error, 'isBoom') === true ? read(error, 'output') : undefined
  const status = readStatus(error) ?? readStatus(output)
  if (status === undefined) return undefined
  const ownCode = readText(error, 'code')
  // Messages of the file system hold paths; `send` hands them on under a 404.
  const system =
    read(error, 'syscall') !== undefined || read(error, 'path') !== undefined || read(error, 'errno') !== undefined
  const shown = status < 500 && !system
  const detail = shown && read(error, 'expose') !== false ? readText(error, 'message') : ''
  return {
    status,
    code: shown && codePattern.test(ownCode) ? ownCode : codeOfStatus(status),
    ...(detail !== '' && { detail }),
    headers: { ...headersOf(read(output, 'headers')), ...headersOf(read(error, 'headers')) },
  }
}

function headersOf(headers: unknown): Record<string, string> {
  const kept: Record<string, string> = {}
  if (typeof headers !== 'object' || headers === null) return kept
  try {
    for (const [name, value] of Object.entries(headers)) {
      const spelling = statusHeaders[name.toLowerCase()]
      if (spelling !== undefined && (typeof value === 'string' || typeof value === 'number'))
        kept[spelling] = String(value)
    }
  } catch {
    return {}
  }
  return kept
}
