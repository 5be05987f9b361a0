import type { MetricsFormat } from './format.js'

/**
 * The format that a scraper prefers (RFC 9110 section 12.5.1). Only a scraper that names OpenMetrics gets it: a browser
 * that takes anything is better served with plain text.
 */
export function negotiateFormat(accept: string | undefined, fallback: MetricsFormat = 'text'): MetricsFormat {
  if (accept === undefined || accept.length > 2_000) return fallback
  let openmetrics = 0
  let text = 0
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const quality = qualityOf(parameters)
    const version = parameters
      .find((parameter) => parameter.startsWith('version='))
      ?.slice(8)
      .replaceAll('"', '')
    if (type === 'application/openmetrics-text' && (version === undefined || version === '1.0.0'))
      openmetrics = Math.max(openmetrics, quality)
    else if (type === 'text/plain' && (version === undefined || version === '0.0.4')) text = Math.max(text, quality)
  }
  if (openmetrics === 0 && text === 0) return fallback
  return openmetrics >= text ? 'openmetrics' : 'text'
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith('q='))
  if (given === undefined) return 1
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(given.slice(2)) ? Number(given.slice(2)) : 0
}
