const day = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const longDay = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)'
const month = '[A-Z][a-z]{2}'
const time = String.raw`\d\d:\d\d:\d\d`

/** They are put together when the source is loaded, and found by loading it. */
const atLoad = 'at load'

/**
 * Sources that put regular expressions together, with what comes out: the expressions themselves, or none where they are the
 * caller's own and only their flags or anchors change. A source that is not named here is not accepted.
 */
export const composedRegexes = {
  'packages/cache/src/http/preconditions.ts': [
    {
      pattern: `^(?:${day}, \\d\\d ${month} \\d{4} ${time} GMT|${longDay}, \\d\\d-${month}-\\d\\d ${time} GMT|${day} ${month} [ \\d]\\d ${time} \\d{4})$`,
      flags: 'i',
    },
  ],
  'packages/core/src/redact/key-rules.ts': [],
  'packages/core/src/redact/text/text-redactor.ts': [],
  'packages/core/src/route/express-shape.ts': [],
  'packages/core/src/route/path-source.ts': [],
  'packages/metrics/src/alerts/reading.ts': [],
  'packages/ratelimit/src/path-pattern.ts': [
    { pattern: '^/a/[^/]+/b(?:/.*)?$', flags: '' },
    { pattern: String.raw`^/a/[^/]*\.x/b$`, flags: '' },
  ],
  'packages/security/src/content/media-type.ts': atLoad,
  'packages/security/src/cors/origin-matcher.ts': [],
  'packages/validation/src/content-filter/text-filter.ts': [],
  'packages/validation/src/detect/ordinary.ts': atLoad,
  'packages/validation/src/detect/sql/statement-shapes.ts': atLoad,
}
