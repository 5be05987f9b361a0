// What every contender serves, so that they differ in what they do around it alone.
export const item = {
  id: 4711,
  name: 'A thing of some length',
  tags: ['first', 'second', 'third'],
  price: 12.5,
  stock: { here: 3, there: 14 },
  description: 'Long enough to look like an answer of a real application.',
}

export const origin = 'https://app.example.com'

/** A request as a browser sends it. */
export const request = (path = '/items/4711', more = '') =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: application/json\r\n` +
  `Accept-Language: en\r\nAccept-Encoding: gzip, br\r\nOrigin: ${origin}\r\nConnection: keep-alive\r\n${more}\r\n`

/** Limits that nothing in a run reaches. */
export const generous = 1_000_000_000

/** What a client may ask for in each window. */
export const limit = Number(process.env.BENCH_LIMIT ?? generous)

/** BENCH_VARIED: every answer is another, of the same length. */
const varied = Boolean(process.env.BENCH_VARIED)
let count = 1_000_000

export const routes = (app) =>
  app.get(
    '/items/:id',
    varied ? (req, res) => void res.json({ ...item, id: count++ }) : (req, res) => void res.json(item),
  )
