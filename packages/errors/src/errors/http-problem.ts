import { HttpError, type HttpErrorOptions } from '@hardening/core'
import { brandClass } from './brand.js'

/** Extension members where a class has none of its own. */
export type AnyMembers = Readonly<Record<string, unknown>>

/** What an {@link HttpProblem} may be given beside its status and detail. */
export type HttpProblemOptions<Members extends object = AnyMembers> = Omit<HttpErrorOptions, 'extensions'> &
  (AnyMembers extends Members
    ? {
        /** Further members of the problem body (RFC 9457 section 3.2): plain JSON data, meant for the client. */
        extensions?: Members
      }
    : {
        /** The members of the problem body that the class promises: plain JSON data, meant for the client. */
        extensions: Members
      })

/**
 * Base of the error classes, and of your own: an error with an HTTP status and typed extension members. `instanceof` holds
 * across copies of the package.
 *
 * @example
 * class OutOfStockError extends HttpProblem<{ sku: string; left: number }> {
 *   constructor(sku: string, left: number) {
 *     super(409, `Only ${left} left.`, { code: 'ERR_SHOP_OUT_OF_STOCK', extensions: { sku, left } })
 *   }
 * }
 */
export class HttpProblem<Members extends object = AnyMembers> extends HttpError {
  declare readonly extensions: Readonly<Members> & AnyMembers

  static {
    brandClass(this, 'HttpProblem')
  }

  constructor(status: number, detail: string, options?: HttpProblemOptions<Members>) {
    super(status, detail, options as HttpErrorOptions | undefined)
  }
}

/** `options` of a class of ours with the code and the headers that are the class's own; the caller's win. */
export function withDefaults<Members extends object>(
  options: HttpProblemOptions<Members> | undefined,
  code: string,
  headers?: Readonly<Record<string, string>>,
): HttpProblemOptions<Members> {
  const given = options as HttpErrorOptions | undefined
  return {
    ...given,
    code: given?.code ?? code,
    ...(headers !== undefined && { headers: { ...headers, ...given?.headers } }),
  } as HttpProblemOptions<Members>
}
