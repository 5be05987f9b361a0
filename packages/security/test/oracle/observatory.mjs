// Grades what stands on stdin, a list of { url, headers, html, cors }, with the code of Mozilla's HTTP Observatory, and
// writes a list of { score, grade, modifiers } to stdout. A process of its own, because that code is ES modules only.
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { realpathSync } from 'node:fs'

// The list that it reads of its own accord is fetched at installation, which does not happen here: nobody is in it.
const { readFileSync } = fs
fs.readFileSync = (path, ...rest) =>
  String(path).endsWith('hsts-preload.json') ? '{}' : readFileSync.call(fs, path, ...rest)

const require = createRequire(import.meta.url)
const requireTheirs = createRequire(realpathSync(require.resolve('@mdn/mdn-http-observatory/package.json')))
const { ALL_TESTS } = await import('@mdn/mdn-http-observatory/src/constants.js')
const { Requests } = await import('@mdn/mdn-http-observatory/src/types.js')
const { getGradeForScore, getScoreModifier } = await import('@mdn/mdn-http-observatory/src/grader/grader.js')
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await import('@mdn/mdn-http-observatory/src/grader/charts.js')
const { parseHttpEquivHeaders } = await import('@mdn/mdn-http-observatory/src/retriever/utils.js')
const { AxiosHeaders } = requireTheirs('axios')
const { CookieJar } = requireTheirs('tough-cookie')

function grade({ url, headers, html, cors }) {
  const requests = new Requests(new URL(url).hostname)
  const jar = new CookieJar()
  for (const cookie of headers['set-cookie'] ?? []) jar.setCookieSync(cookie, url, { ignoreError: true })
  requests.session = { url: new URL(url), jar }
  requests.resources.path = html ?? ''
  const response = { headers: new AxiosHeaders(headers), status: 200, verified: true }
  response.httpEquiv = html === undefined ? new Map() : parseHttpEquivHeaders(html, url)
  requests.responses.auto = response
  requests.responses.https = response
  if (cors) {
    const request = { headers: new AxiosHeaders({ origin: cors.origin }) }
    requests.responses.cors = { headers: new AxiosHeaders(cors.headers), request, verified: true }
  }
  const modifiers = {}
  let score = 100
  let uncurved = 100
  for (const test of ALL_TESTS) {
    const output = test(requests)
    const modifier = getScoreModifier(output.result)
    modifiers[output.constructor.name] = modifier
    score += modifier
    if (modifier < 0) uncurved += modifier
  }
  return { ...getGradeForScore(uncurved >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? score : uncurved), modifiers }
}

let input = ''
for await (const chunk of process.stdin) input += chunk
process.stdout.write(JSON.stringify(JSON.parse(input).map(grade)))
