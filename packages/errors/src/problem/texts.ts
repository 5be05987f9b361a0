import { STATUS_CODES } from 'node:http'

/** The phrase of a status (RFC 9110 section 15): the title of what has no other. */
export function phraseOf(status: number): string {
  return STATUS_CODES[status] ?? (status < 500 ? 'Client Error' : 'Server Error')
}

const details: Readonly<Record<number, string>> = {
  502: 'A service that this one needs has failed.',
  503: 'The service is not available at the moment.',
  504: 'A service that this one needs did not answer in time.',
}

/** What a client reads instead of the message of an error that is none of its business. */
export function generalDetail(status: number): string | undefined {
  return status < 500 ? undefined : (details[status] ?? 'The server could not complete the request.')
}
