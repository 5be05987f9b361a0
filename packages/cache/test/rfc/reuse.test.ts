import { describe, expect, it } from '@jest/globals'
import { versions } from '../apps.js'
import { Site, type Lines, type Reply } from '../http-harness.js'

/** HTTP date, seconds from the beginning of each test. */
const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toUTCString()

const rfc850 = (seconds: number): string => {
  const [day, date, month, year, time] = at(seconds).replace(',', '').split(' ')
  const long = { Mon: 'Monday', Tue: 'Tuesday', Wed: 'Wednesday', Thu: 'Thursday', Fri: 'Friday' }[day as 'Mon']
  return `${long}, ${date}-${month}-${year?.slice(2)} ${time} GMT`
}
const asctime = (seconds: number): string => {
  const [day, date, month, year, time] = at(seconds).replace(',', '').split(' ')
  return `${day} ${month} ${date?.replace(/^0/, ' ')} ${time} ${year}`
}

interface Case {
  /** What the route says. */
  readonly reply: Reply
  /** What both requests say. */
  readonly request?: Lines
  /** What the second request says beside or instead. */
  readonly second?: Lines
  readonly path?: string
  readonly wait?: number
}

const fresh = { 'Cache-Control': 'max-age=60' }
const cc = (value: string, more: Lines = {}): Reply => ({ headers: { 'Cache-Control': value, ...more } })

/** Clause, what it says, the case, and whether the second request is answered without the route. */
const cases: readonly [clause: string, what: string, test: Case, isReused: boolean][] = [
  // 1.2.2
  ['1.2.2', 'delta-seconds beyond 2^31 count as 2^31', { reply: cc('max-age=99999999999'), wait: 3600 }, true],
  ['1.2.2', 'delta-seconds of 2^31 exactly', { reply: cc('max-age=2147483648'), wait: 3600 }, true],
  ['1.2.2', 'a negative value is none, and stale', { reply: cc('max-age=-1') }, false],
  ['1.2.2', 'a fraction is none, and stale', { reply: cc('max-age=60.5') }, false],
  ['1.2.2', 'leading zeros', { reply: cc('max-age=0060'), wait: 30 }, true],
  // 2
  ['2', 'another query is another resource', { reply: cc('max-age=60'), path: '/?b' }, false],
  // 3
  ['3', 'a final status that is understood, with explicit freshness', { reply: { status: 404, headers: fresh } }, true],
  ['3', 'a status nobody has heard of, with explicit freshness', { reply: { status: 599, headers: fresh } }, true],
  ['3', 'a redirect with explicit freshness', { reply: { status: 307, headers: { ...fresh, Location: '/x' } } }, true],
  ['3', '206 without Content-Range is not understood', { reply: { status: 206, headers: fresh } }, false],
  ['3', '304 to a request that asked for none', { reply: { status: 304, headers: fresh } }, false],
  ['3', 'no-store', { reply: cc('no-store, max-age=60') }, false],
  ['3', 'private', { reply: cc('private, max-age=60') }, false],
  ['3', 'nothing that says so', { reply: {} }, false],
  ['3', 'public alone and no validator', { reply: cc('public') }, false],
  ['3', 'public with Last-Modified', { reply: cc('public', { 'Last-Modified': at(-3600) }), wait: 60 }, true],
  ['3', 'Expires', { reply: { headers: { Expires: at(60) } }, wait: 59 }, true],
  ['3', 's-maxage', { reply: cc('s-maxage=60'), wait: 59 }, true],
  ['3', 'Authorization in the request', { reply: cc('max-age=60'), request: { authorization: 'Bearer a' } }, false],
  // 3.2 and 3.3: in parts.test.ts and updates.test.ts
  // 3.5
  ['3.5', 'Authorization and public', { reply: cc('public, max-age=60'), request: { authorization: 'Basic a' } }, true],
  ['3.5', 'Authorization and s-maxage', { reply: cc('s-maxage=60'), request: { authorization: 'Basic a' } }, true],
  [
    '3.5',
    'Authorization in the second alone',
    { reply: cc('max-age=60'), second: { authorization: 'Basic a' } },
    false,
  ],
  // 4.1
  ['4.1', 'Vary and the same field', { reply: cc('max-age=60', { Vary: 'Foo' }), request: { foo: '1' } }, true],
  ['4.1', 'Vary and another value', { reply: cc('max-age=60', { Vary: 'Foo' }), second: { foo: '2' } }, false],
  [
    '4.1',
    'Vary and no field where there was one',
    { reply: cc('max-age=60', { Vary: 'Foo' }), request: { foo: '1' }, second: { foo: [] } },
    false,
  ],
  ['4.1', 'Vary and none in both', { reply: cc('max-age=60', { Vary: 'Foo' }) }, true],
  ['4.1', 'Vary in capitals', { reply: cc('max-age=60', { Vary: 'FOO' }), second: { foo: '2' } }, false],
  [
    '4.1',
    'two fields, one of which differs',
    { reply: cc('max-age=60', { Vary: 'Foo, Bar' }), request: { foo: '1', bar: '1' }, second: { bar: '2' } },
    false,
  ],
  [
    '4.1',
    'two lines of Vary',
    { reply: cc('max-age=60', { Vary: ['Foo', 'Bar'] }), request: { foo: '1', bar: '1' }, second: { bar: '2' } },
    false,
  ],
  ['4.1', 'another field does not matter', { reply: cc('max-age=60', { Vary: 'Foo' }), second: { bar: '2' } }, true],
  ['4.1', 'Vary: *', { reply: cc('max-age=60', { Vary: '*' }) }, false],
  ['4.1', 'Vary: *, Foo', { reply: cc('max-age=60', { Vary: '*, Foo' }) }, false],
  ['4.1', 'Vary: Foo, *', { reply: cc('max-age=60', { Vary: 'Foo, *' }) }, false],
  ['4.1', 'an empty Vary', { reply: cc('max-age=60', { Vary: '' }) }, true],
  ['4.1', 'Vary with empty members', { reply: cc('max-age=60', { Vary: ', , Foo' }), second: { foo: '2' } }, false],
  [
    '4.1',
    'white space in a list is no difference',
    { reply: cc('max-age=60', { Vary: 'Foo' }), request: { foo: 'a,b' }, second: { foo: 'a ,  b' } },
    true,
  ],
  [
    '4.1',
    'several lines are one list',
    { reply: cc('max-age=60', { Vary: 'Foo' }), request: { foo: 'a, b' }, second: { foo: ['a', 'b'] } },
    true,
  ],
  [
    '4.1',
    'capitals in a language are no difference',
    {
      reply: cc('max-age=60', { Vary: 'Accept-Language' }),
      request: { 'accept-language': 'en-GB' },
      second: { 'accept-language': 'EN-gb' },
    },
    true,
  ],
  [
    '4.1',
    'capitals in another field are',
    { reply: cc('max-age=60', { Vary: 'Foo' }), request: { foo: 'a' }, second: { foo: 'A' } },
    false,
  ],
  // 4.2.1
  ['4.2.1', 'fresh until max-age', { reply: cc('max-age=60'), wait: 59 }, true],
  ['4.2.1', 'not fresh at max-age', { reply: cc('max-age=60'), wait: 60 }, false],
  ['4.2.1', 's-maxage before max-age', { reply: cc('max-age=60, s-maxage=10'), wait: 11 }, false],
  ['4.2.1', 's-maxage before Expires', { reply: cc('s-maxage=60', { Expires: at(-60) }) }, true],
  ['4.2.1', 'max-age before Expires', { reply: cc('max-age=60', { Expires: at(-60) }) }, true],
  ['4.2.1', 'max-age=0 before Expires', { reply: cc('max-age=0', { Expires: at(60) }) }, false],
  ['4.2.1', 'Expires against Date', { reply: { headers: { Expires: at(-10), Date: at(-20) } } }, false],
  ['4.2.1', 'Expires that is equal to Date', { reply: { headers: { Expires: at(0), Date: at(0) } } }, false],
  ['4.2.1', 'of two max-age the first', { reply: cc('max-age=0, max-age=60') }, false],
  ['4.2.1', 'of two lines the first', { reply: { headers: { 'Cache-Control': ['max-age=0', 'max-age=60'] } } }, false],
  ['4.2.1', 'directives on several lines', { reply: { headers: { 'Cache-Control': ['a', 'max-age=60'] } } }, true],
  ['4.2.1', 'max-age without a value is stale', { reply: cc('max-age') }, false],
  ['4.2.1', 'max-age that is no number is stale', { reply: cc('max-age=soon') }, false],
  ['4.2.1', 'no-store beats max-age wherever it stands', { reply: cc('max-age=60, no-store') }, false],
  // 4.2.2
  [
    '4.2.2',
    'a tenth of its age by Last-Modified',
    { reply: { headers: { 'Last-Modified': at(-1000) } }, wait: 99 },
    true,
  ],
  ['4.2.2', 'and no longer', { reply: { headers: { 'Last-Modified': at(-1000) } }, wait: 101 }, false],
  ['4.2.2', 'never where it is explicit', { reply: cc('max-age=10', { 'Last-Modified': at(-1e6) }), wait: 11 }, false],
  ['4.2.2', 'only for statuses that may', { reply: { status: 500, headers: { 'Last-Modified': at(-1e6) } } }, false],
  ...[200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501].map(
    (status) =>
      [
        '4.2.2',
        `status ${status} may`,
        { reply: { status, headers: { 'Last-Modified': at(-1e6) } }, wait: 60 },
        true,
      ] as [string, string, Case, boolean],
  ),
  ...[201, 202, 302, 303, 307, 400, 403, 500, 502, 503].map(
    (status) =>
      ['4.2.2', `status ${status} may not`, { reply: { status, headers: { 'Last-Modified': at(-1e6) } } }, false] as [
        string,
        string,
        Case,
        boolean,
      ],
  ),
  ['4.2.2', 'for a URL with a query too', { reply: { headers: { 'Last-Modified': at(-1e6) } }, path: '/' }, true],
  // 4.2.3
  ['4.2.3', 'Age is counted', { reply: cc('max-age=60', { Age: '50' }), wait: 11 }, false],
  ['4.2.3', 'Age beyond the lifetime', { reply: cc('max-age=60', { Age: '61' }) }, false],
  ['4.2.3', 'Date long ago', { reply: cc('max-age=60', { Date: at(-61) }) }, false],
  ['4.2.3', 'Date ahead of us', { reply: cc('max-age=60', { Date: at(3600) }), wait: 59 }, true],
  ['4.2.3', 'no Date', { reply: cc('max-age=60'), wait: 59 }, true],
  ['4.2.3', 'a Date that is none', { reply: cc('max-age=60', { Date: 'today' }), wait: 59 }, true],
  // 4.2.4
  ['4.2.4', 'stale is not served without being asked', { reply: cc('max-age=1'), wait: 2 }, false],
  [
    '4.2.4',
    'must-revalidate beats max-stale',
    { reply: cc('max-age=1, must-revalidate'), wait: 2, second: { 'cache-control': 'max-stale' } },
    false,
  ],
  [
    '4.2.4',
    'proxy-revalidate beats max-stale',
    { reply: cc('max-age=1, proxy-revalidate'), wait: 2, second: { 'cache-control': 'max-stale' } },
    false,
  ],
  [
    '4.2.4',
    's-maxage beats max-stale',
    { reply: cc('s-maxage=1'), wait: 2, second: { 'cache-control': 'max-stale' } },
    false,
  ],
  [
    '4.2.4',
    'no-cache beats max-stale',
    { reply: cc('no-cache', { ETag: '"a"' }), second: { 'cache-control': 'max-stale' } },
    false,
  ],
  // 5.1
  ['5.1', 'Age that is no number is ignored', { reply: cc('max-age=60', { Age: 'old' }) }, true],
  ['5.1', 'a negative Age is ignored', { reply: cc('max-age=60', { Age: '-7200' }) }, true],
  ['5.1', 'a fraction is ignored', { reply: cc('max-age=60', { Age: '7200.0' }) }, true],
  ['5.1', 'of a list the first, which is old', { reply: cc('max-age=60', { Age: '7200, 0' }) }, false],
  ['5.1', 'of a list the first, which is new', { reply: cc('max-age=60', { Age: '0, 7200' }) }, true],
  ['5.1', 'of two lines the first', { reply: cc('max-age=60', { Age: ['7200', '0'] }) }, false],
  ['5.1', 'a huge Age', { reply: cc('max-age=60', { Age: '99999999999999' }) }, false],
  // 5.2
  ['5.2', 'names in capitals', { reply: cc('MAX-AGE=60') }, true],
  ['5.2', 'no-store in capitals', { reply: cc('NO-STORE, max-age=60') }, false],
  ['5.2', 'a value in quotes', { reply: cc('max-age="60"') }, true],
  ['5.2', 'a directive within a quoted value is none', { reply: cc('x="no-store", max-age=60') }, true],
  ['5.2', 'a comma within a quoted value', { reply: cc('x="a, no-store, b", max-age=60') }, true],
  ['5.2', 'a quoted quote', { reply: cc(String.raw`x="a\", no-store", max-age=60`) }, true],
  ['5.2', 'unknown directives are passed over', { reply: cc('foo, bar=1, max-age=60') }, true],
  ['5.2', 'a name that only begins like one', { reply: cc('max-ages=60') }, false],
  ['5.2', 'a name that only ends like one', { reply: cc('x-no-store, max-age=60') }, true],
  ['5.2', 'empty members', { reply: cc(', ,max-age=60,,') }, true],
  ['5.2', 'no space', { reply: cc('foo,max-age=60,bar') }, true],
  ['5.2', 'tabs', { reply: cc('foo,\tmax-age=60') }, true],
  // 5.2.1
  [
    '5.2.1.1',
    'max-age of the request that is enough',
    { reply: cc('max-age=60'), wait: 5, second: { 'cache-control': 'max-age=10' } },
    true,
  ],
  [
    '5.2.1.1',
    'and that is not',
    { reply: cc('max-age=60'), wait: 11, second: { 'cache-control': 'max-age=10' } },
    false,
  ],
  ['5.2.1.1', 'max-age=0', { reply: cc('max-age=60'), wait: 1, second: { 'cache-control': 'max-age=0' } }, false],
  [
    '5.2.1.1',
    'Age counts',
    { reply: cc('max-age=60', { Age: '20' }), second: { 'cache-control': 'max-age=10' } },
    false,
  ],
  [
    '5.2.1.2',
    'max-stale that is enough',
    { reply: cc('max-age=10'), wait: 15, second: { 'cache-control': 'max-stale=10' } },
    true,
  ],
  [
    '5.2.1.2',
    'and that is not',
    { reply: cc('max-age=10'), wait: 25, second: { 'cache-control': 'max-stale=10' } },
    false,
  ],
  [
    '5.2.1.2',
    'max-stale without a value',
    { reply: cc('max-age=10'), wait: 1000, second: { 'cache-control': 'max-stale' } },
    true,
  ],
  [
    '5.2.1.3',
    'min-fresh that is left',
    { reply: cc('max-age=60'), wait: 10, second: { 'cache-control': 'min-fresh=50' } },
    true,
  ],
  [
    '5.2.1.3',
    'and that is not',
    { reply: cc('max-age=60'), wait: 11, second: { 'cache-control': 'min-fresh=50' } },
    false,
  ],
  ['5.2.1.4', 'no-cache of the request', { reply: cc('max-age=60'), second: { 'cache-control': 'no-cache' } }, false],
  [
    '5.2.1.5',
    'no-store of the request: nothing of it is kept',
    { reply: cc('max-age=60'), request: { 'cache-control': 'no-store' } },
    false,
  ],
  [
    '5.2.1.7',
    'only-if-cached where it is',
    { reply: cc('max-age=60'), second: { 'cache-control': 'only-if-cached' } },
    true,
  ],
  // 5.2.2
  ['5.2.2.2', 'must-revalidate while it is fresh', { reply: cc('max-age=60, must-revalidate'), wait: 30 }, true],
  [
    '5.2.2.3',
    'must-understand and a status that is understood',
    { reply: cc('must-understand, no-store, max-age=60') },
    true,
  ],
  [
    '5.2.2.3',
    'must-understand and one that is not',
    { reply: { status: 299, headers: { 'Cache-Control': 'must-understand, no-store, max-age=60' } } },
    false,
  ],
  ['5.2.2.4', 'no-cache is never used unasked', { reply: cc('no-cache, max-age=60') }, false],
  [
    '5.2.2.4',
    'no-cache for a field: the rest is',
    { reply: cc('no-cache="x-own", max-age=60', { 'X-Own': '1' }) },
    true,
  ],
  ['5.2.2.5', 'no-store', { reply: cc('no-store') }, false],
  ['5.2.2.6', 'no-transform hinders nothing', { reply: cc('no-transform, max-age=60') }, true],
  ['5.2.2.7', 'private', { reply: cc('private') }, false],
  [
    '5.2.2.7',
    'private for a field: the rest is kept',
    { reply: cc('private="x-own", max-age=60', { 'X-Own': '1' }) },
    true,
  ],
  ['5.2.2.7', 'private for nothing is private', { reply: cc('private="", max-age=60') }, false],
  ['5.2.2.8', 'proxy-revalidate while it is fresh', { reply: cc('max-age=60, proxy-revalidate'), wait: 30 }, true],
  [
    '5.2.2.9',
    'public and heuristic for any status',
    { reply: { status: 302, headers: { 'Cache-Control': 'public', 'Last-Modified': at(-1e6) } } },
    true,
  ],
  ['5.2.2.10', 's-maxage=0 with max-age', { reply: cc('s-maxage=0, max-age=60') }, false],
  // 5.3
  ['5.3', 'Expires in the past', { reply: { headers: { Expires: at(-60) } } }, false],
  ['5.3', 'Expires: 0', { reply: { headers: { Expires: '0', 'Last-Modified': at(-1e6) } } }, false],
  ['5.3', 'Expires that is no date', { reply: { headers: { Expires: 'tomorrow', 'Last-Modified': at(-1e6) } } }, false],
  [
    '5.3',
    'another zone than GMT is no date',
    { reply: { headers: { Expires: 'Thu, 01 Jan 2026 09:00:00 EST' } } },
    false,
  ],
  ['5.3', 'far ahead', { reply: { headers: { Expires: 'Sun, 21 Nov 2286 04:46:39 GMT' } } }, true],
  ['5.3', 'as of RFC 850', { reply: { headers: { Expires: rfc850(3600) } } }, true],
  [
    '5.3',
    'as of RFC 850, two digits of this century',
    { reply: { headers: { Expires: 'Thursday, 18-Aug-50 02:01:18 GMT' } } },
    true,
  ],
  [
    '5.3',
    'as of RFC 850, two digits of the last one',
    { reply: { headers: { Expires: 'Friday, 18-Aug-95 02:01:18 GMT' } } },
    false,
  ],
  ['5.3', 'as of asctime()', { reply: { headers: { Expires: asctime(3600) } } }, true],
  // 5.4
  ['5.4', 'Pragma: no-cache of a request alone', { reply: cc('max-age=60'), second: { pragma: 'no-cache' } }, false],
  [
    '5.4',
    'beside Cache-Control it means nothing',
    { reply: cc('max-age=60'), second: { pragma: 'no-cache', 'cache-control': 'foo' } },
    true,
  ],
  ['5.4', 'of a response it means nothing', { reply: cc('max-age=60', { Pragma: 'no-cache' }) }, true],
  // 7.3, and what this toolkit holds more strictly
  ['7.3', 'Set-Cookie is never kept', { reply: cc('public, max-age=60', { 'Set-Cookie': 'a=b' }) }, false],
  [
    '7.3',
    'Set-Cookie that is private by name: the rest is',
    { reply: cc('private="set-cookie", max-age=60', { 'Set-Cookie': 'a=b' }) },
    true,
  ],
  ['7.3', 'a request with a cookie', { reply: cc('max-age=60'), request: { cookie: 'a=b' } }, false],
]

describe.each(versions)('%s, responseCache() as it comes', (_name, express) => {
  it.each(cases)('[CA-5] RFC 9111 %s %s', async (_clause, _what, test, isReused) => {
    const site = await Site.open(express, test.reply)
    const first = await site.ask(test.request)
    await site.wait(test.wait ?? 0)
    const second = { ...test.request, ...test.second }
    const answer = await site.ask(second, { path: test.path ?? '/' })
    expect(site.calls).toHaveLength(isReused ? 1 : 2)
    expect(answer.status).toBe(first.status)
    if (!isReused) return
    expect(answer.body).toBe(first.body)
    expect(answer.headers).not.toHaveProperty('x-own')
    expect(answer.headers).not.toHaveProperty('set-cookie')
    expect(Number(answer.headers.age)).toBeGreaterThanOrEqual(test.wait ?? 0)
  })
})
