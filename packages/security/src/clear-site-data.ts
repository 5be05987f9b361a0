import { ConfigError, middleware, rejectUnknownOptions, type StepMiddleware } from '@hardening/core'

/** What a browser can be told to forget of a site. */
export type SiteData = 'cache' | 'cookies' | 'storage' | 'executionContexts' | 'clientHints' | 'prefetchCache' | '*'

/** Options of {@link clearSiteData}. */
export interface ClearSiteDataOptions {
  /** What the browser forgets. @defaultValue `['cache', 'cookies', 'storage']` */
  types?: readonly SiteData[]
}

const known: readonly SiteData[] = [
  'cache',
  'cookies',
  'storage',
  'executionContexts',
  'clientHints',
  'prefetchCache',
  '*',
]

/**
 * Tells the browser to forget what it keeps of the site, where the answer is no error. For the route that logs out.
 *
 * @example
 * app.post('/logout', clearSiteData(), logout)
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @see https://www.w3.org/TR/clear-site-data/
 */
export function clearSiteData(options: ClearSiteDataOptions = {}): StepMiddleware {
  const factory = 'clearSiteData'
  rejectUnknownOptions(factory, options, ['types'])
  const { types = ['cache', 'cookies', 'storage'] } = options
  if (!Array.isArray(types) || types.length === 0 || !types.every((type) => known.includes(type))) {
    throw new ConfigError(factory, 'types', `a list of ${known.map((type) => `'${type}'`).join(', ')}`, types)
  }
  const value = types.map((type) => `"${type}"`).join(', ')
  return middleware({
    name: factory,
    head(exchange) {
      if (exchange.res.statusCode < 400) exchange.setHeader('Clear-Site-Data', value)
    },
  })
}
