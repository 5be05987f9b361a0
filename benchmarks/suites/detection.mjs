// What detection costs, in CPU time: a typical JSON body, the request line of a plain GET, and the worst of many shapes.
// node benchmarks/suites/detection.mjs        (build the packages first)
import { detectBodyThreats, detectThreats } from '@hardening/validation'
import { stepsOf } from '@hardening/core'

const body = {
  id: 4711,
  sku: 'A-100-XL',
  name: "Sean O'Brien",
  email: 'sean.obrien@example.com',
  phone: '+353 1 234 5678',
  active: true,
  createdAt: '2026-11-21T10:00:00.000Z',
  uuid: '2f1c6e0a-6f0e-4d5c-9c0a-0b7f0f7c9f11',
  address: { street: "12 O'Connell Street", city: 'Dublin', country: 'IE', postcode: 'D01 X2P4' },
  tags: ['new', 'customer', 'eu-west'],
  notes: 'Please leave the parcel with the neighbour; she is in from 9 to 5 -- or ring twice. Thanks & best regards',
  homepage: 'https://example.com/users/sean?ref=mail&lang=en',
  items: [
    { sku: 'B-200', title: 'Desk lamp (black), 40 cm', quantity: 2, price: 39.9, currency: 'EUR' },
    { sku: 'C-300', title: 'USB-C cable 2 m', quantity: 1, price: 9.99, currency: 'EUR' },
    { sku: 'D-400', title: 'Notebook A5, 96 pages', quantity: 5, price: 3.5, currency: 'EUR' },
  ],
  preferences: { newsletter: false, language: 'en-IE', timezone: 'Europe/Dublin', theme: 'dark' },
  comment:
    'I would like to order the same again next month. Is that possible? My last order was #12345, and it came fast.',
}
const headers = {
  host: 'api.example.com',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  cookie: 'sid=2f1c6e0a6f0e4d5c; theme=dark',
}
const shapes =
  `' " \` 'a ( ) (( <  <a_ <a_b= </ <!-- & &# &lt % %25 \\ \\u0027 ../ .. $( \${ {{ {% ; ;a |cat a= on= x: /* */ /**/ --
  # @@ [ a( alert( '||' 0x +AD data: "); =' )( *)( <script style= x=y; union_ '_or_ case_when_ f(1)and_ (select_
  ''' ""' '"\` \\'\\" /*/**/*/ <!--<!--> <p/ <p;a|/*!= src=<svg|</ "<p~ <a<b<c <![ <?xml <svg/onload &amp;amp; &#39; &#x27
  &quot;&lt; %27%2527 %c0%ae %u0027 %%27 \\x27 \\\\' \\u{27} \`\`\` \`id\`;cat \${IFS} \${\${ {%_%} {{}} {{7*7 <%=_%> #{ [[ @( "+
  |cat_/ ;a=b;$a & &&id ..\\ ....// /etc/ file:// $ne {"$gt": __proto__ constructor[ return_ this.a= 1.e @@x 'a'='b_`
    .split(/\s+/)
    .map((shape) => shape.replaceAll('_', ' '))

/** An exchange, as far as the steps of detection look at it. */
const exchangeOf = (req, path) => ({
  req,
  path,
  url: req.originalUrl ?? req.url,
  headers: req.headers,
  note: () => undefined,
  setNote() {},
  refuse() {},
})
const [line] = stepsOf(detectThreats())
const [data] = stepsOf(detectBodyThreats())

function microseconds(times, run) {
  for (let at = 0; at < times; at++) run()
  let best = Infinity
  for (let round = 0; round < 7; round++) {
    const start = process.cpuUsage()
    for (let at = 0; at < times; at++) run()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / times)
  }
  return best
}
const tell = (what, value, unit, aim) =>
  console.log(`${what.padEnd(44)} ${value.toFixed(2).padStart(9)} ${unit}   aim ${aim}`)
const request = (value) => exchangeOf({ body: value, headers: {}, url: '/' }, '/')

const plain = exchangeOf({ headers, url: '/items/4711', originalUrl: '/items/4711' }, '/items/4711')
tell(
  'request line of GET /items/4711',
  microseconds(50_000, () => line.request(plain)),
  'µs',
  '1',
)
const asked = exchangeOf({ headers, originalUrl: '/items?page=2&sort=name' }, '/items')
tell(
  'request line of GET /items?page=2&sort=name',
  microseconds(50_000, () => line.request(asked)),
  'µs',
  '',
)
const typical = request(body)
tell(
  `JSON body of ${JSON.stringify(body).length} bytes`,
  microseconds(5000, () => data.request(typical)),
  'µs',
  '30',
)
// As a parser of JSON makes them.
const of = (shape, size) => JSON.parse(JSON.stringify(shape.repeat(Math.ceil(size / shape.length)).slice(0, size)))
const worst = shapes
  .map((shape) => {
    const value = request({ text: of(shape, 8192) })
    return [microseconds(12, () => data.request(value)) / 1000, shape]
  })
  .sort(([left], [right]) => right - left)
tell(`8 KB, worst of ${shapes.length} shapes: ${worst[0][1]}`, worst[0][0], 'ms', '2')
for (const shape of ['hello world it is ', '<a b=c ', "' or 1=1 "]) {
  const value = request({ list: Array.from({ length: 16_384 }, () => of(shape, 64)) })
  tell(`1 MB of ${shape}`, microseconds(3, () => data.request(value)) / 1000, 'ms', '20')
}
