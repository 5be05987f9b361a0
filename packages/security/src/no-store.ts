import {
  choiceOption,
  middleware,
  rejectUnknownOptions,
  type Exchange,
  type Step,
  type StepMiddleware,
} from '@hardening/core'

/** Options of {@link noStore}. */
export interface NoStoreOptions {
  /**
   * Which answers no cache may keep: those to requests with a cookie or `Authorization` and those that set a cookie, or
   * all.
   *
   * @defaultValue `'personal'`
   */
  when?: 'personal' | 'always'
}

/**
 * Keeps what is meant for one visitor out of every cache, also the browser's own: `Cache-Control: no-store`, unless the
 * application sets `Cache-Control` itself.
 *
 * @example
 * app.use('/account', noStore())
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5
 */
export function noStore(options: NoStoreOptions = {}): StepMiddleware {
  rejectUnknownOptions('noStore', options, ['when'])
  const { when = 'personal' } = options
  choiceOption('noStore', 'when', when, ['personal', 'always'])
  const step: Step =
    when === 'always'
      ? { name: 'noStore', headers: [['Cache-Control', 'no-store']] }
      : { name: 'noStore', head: keepPersonal }
  return middleware(step)
}

function keepPersonal(exchange: Exchange): void {
  const { req, res } = exchange
  const isPersonal =
    req.headers.cookie !== undefined || req.headers.authorization !== undefined || res.hasHeader('Set-Cookie')
  if (isPersonal && !res.hasHeader('Cache-Control')) exchange.setHeader('Cache-Control', 'no-store')
}
