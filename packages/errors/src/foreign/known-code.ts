/** Codes for what comes with a status and no code of its own. */
const byStatus: Readonly<Record<number, string>> = {
  400: 'ERR_HTTP_BAD_REQUEST',
  401: 'ERR_HTTP_AUTHENTICATION',
  403: 'ERR_HTTP_AUTHORIZATION',
  404: 'ERR_HTTP_NOT_FOUND',
  405: 'ERR_HTTP_METHOD_NOT_ALLOWED',
  409: 'ERR_HTTP_CONFLICT',
  413: 'ERR_HTTP_PAYLOAD_TOO_LARGE',
  415: 'ERR_HTTP_UNSUPPORTED_MEDIA_TYPE',
  422: 'ERR_HTTP_VALIDATION',
  429: 'ERR_HTTP_RATE_LIMIT',
  500: 'ERR_HTTP_INTERNAL',
  502: 'ERR_HTTP_SERVICE',
  503: 'ERR_HTTP_SERVICE_UNAVAILABLE',
  504: 'ERR_HTTP_TIMEOUT',
}

/** The code for a status. */
export function codeOfStatus(status: number): string {
  return byStatus[status] ?? (status < 500 ? 'ERR_HTTP_CLIENT' : 'ERR_HTTP_SERVER')
}
