import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../lib/free-port.mjs'
import { Failure } from '../lib/failure.mjs'
import { exitCode, start, stop } from '../lib/processes.mjs'
import { lastLines } from '../lib/stage.mjs'

const minutes = 60_000

/** `npm start` on a port. `output()` is what it printed so far. */
function npmStart(port, [command, ...args] = ['npm', 'start']) {
  const { child, ended } = start(command, args, { env: { PORT: String(port) }, grace: 45_000 })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  return { child, ended, output: () => output }
}

async function untilItAnswers(demo, url) {
  let end
  demo.ended.then((value) => (end = value))
  for (const deadline = Date.now() + 10 * minutes; Date.now() < deadline && !end; await wait(200)) {
    const response = await fetch(`${url}/health/readiness`).catch(() => undefined)
    if (response?.ok) return
  }
  throw new Failure(
    `npm start ${end ? `ended with ${exitCode(end)}` : 'did not answer'}:\n${lastLines(demo.output(), 40)}`,
  )
}

function ask(url, init) {
  return fetch(url, { ...init, signal: AbortSignal.timeout(20_000) })
}

/** What a user sees of the demo with curl, each a promise of its own. */
const promises = {
  'answers with a request id, secure headers and the rate limit': async ({ url }) => {
    const { headers } = await ask(`${url}/api/projects`, { headers: { 'X-Request-Id': 'from-a-user' } })
    assert.equal(headers.get('x-request-id'), 'from-a-user')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.ok(headers.get('content-security-policy'))
    assert.ok(headers.get('ratelimit'))
    assert.equal(headers.get('x-powered-by'), null)
  },
  'answers an unknown route with a problem': async ({ url }) => {
    const response = await ask(`${url}/no-such-route`)
    assert.equal(response.status, 404)
    assert.match(response.headers.get('content-type'), /^application\/problem\+json/)
    const problem = await response.json()
    assert.equal(problem.status, 404)
    assert.equal(problem.requestId, response.headers.get('x-request-id'))
  },
  'answers malformed JSON with a problem that leaks nothing': async ({ url }) => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await ask(`${url}/api/projects`, { method: 'POST', headers, body: '{"name": ' })
    assert.ok(response.status >= 400 && response.status < 500, `status ${response.status}`)
    const body = await response.text()
    assert.doesNotMatch(body, /node_modules|\.js:\d+| at /)
  },
  'tells its health': async ({ url }) => {
    const response = await ask(`${url}/health/liveness`)
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type'), /^application\/health\+json/)
  },
  'prints its address': async ({ demo, port }) => {
    assert.match(demo.output(), new RegExp(`http://[^\\s]*:${port}\\b`))
  },
  'says in one message that a port is in use': async ({ port }) => {
    const second = npmStart(port)
    assert.notEqual(exitCode(await second.ended), 0)
    assert.match(second.output(), new RegExp(`\\b${port}\\b.*in use`, 'i'))
    assert.doesNotMatch(second.output(), /\n\s+at /)
  },
  'ends at Ctrl-C and leaves nothing': async ({ demo, url }) => {
    await stop(demo.child, 'SIGINT')
    // The shell between npm and the demo hears the same Ctrl-C and may report that instead of the demo's 0: see below.
    assert.ok([0, 130].includes(exitCode(await demo.ended)), lastLines(demo.output(), 20))
    await assert.rejects(ask(`${url}/health/liveness`))
  },
  'runs a demo that ends at SIGINT with exit code 0': async ({ url, port }) => {
    const demo = npmStart(port, [process.execPath, 'scripts/start.mjs'])
    await untilItAnswers(demo, url)
    await stop(demo.child, 'SIGINT')
    assert.equal(exitCode(await demo.ended), 0, lastLines(demo.output(), 20))
  },
}

/** Starts the demo with `npm start` and tries what the README promises; each promise counts as one test. */
export async function demoPromises() {
  console.log('\nWhat the README promises')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const demo = npmStart(port)
  const counts = { passed: 0, failed: 0 }
  try {
    await untilItAnswers(demo, url)
  } catch (error) {
    console.error(error.message)
    return { failed: Object.keys(promises).length }
  }
  for (const [title, keep] of Object.entries(promises)) {
    try {
      await keep({ demo, url, port })
      counts.passed++
      console.log(`ok: npm start ${title}`)
    } catch (error) {
      counts.failed++
      console.log(`FAILED: npm start ${title}\n${error.stack}`)
    }
  }
  return counts
}
