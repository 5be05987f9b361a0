const json = { 'content-type': 'application/json' }

/** What a person can try: each sends real requests and says what to look at. */
const attempts = [
  {
    name: 'Read the projects',
    about: 'GET /api/projects',
    why: 'The answer carries its request id, the limits that are left and the headers that protect a browser.',
    send: () => fetch('/api/projects'),
  },
  {
    name: 'Send broken JSON',
    about: 'POST /api/login with {',
    why: 'A 400 problem (RFC 9457) with the request id, and nothing of the parser.',
    send: () => fetch('/api/login', { method: 'POST', headers: json, body: '{' }),
  },
  {
    name: 'Send wrong types',
    about: 'POST /api/login with numbers',
    why: 'Everything that is wrong at once, each with a JSON Pointer.',
    send: () => fetch('/api/login', { method: 'POST', headers: json, body: '{"email":1,"password":2,"extra":3}' }),
  },
  {
    name: 'Ask for what is not there',
    about: 'GET /api/nothing',
    why: 'A 404 problem; metrics call it "unmatched", however many paths are invented.',
    send: () => fetch('/api/nothing'),
  },
  {
    name: 'Write without a login',
    about: 'POST /api/projects',
    why: 'A 401 problem that says how to sign in.',
    send: () => fetch('/api/projects', { method: 'POST', headers: json, body: '{"name":"Mine"}' }),
  },
  {
    name: 'Inject SQL',
    about: "GET /api/projects?limit=1' OR '1'='1",
    why: 'Refused by the schema; the threat is reported, whatever the route does.',
    send: () => fetch("/api/projects?limit=1'%20OR%20'1'='1"),
  },
  {
    name: 'Send 2 MB',
    about: 'POST /api/login, too large',
    why: 'Refused from its Content-Length, before a byte of it is read into memory.',
    send: () => fetch('/api/login', { method: 'POST', headers: json, body: `"${'x'.repeat(2_000_000)}"` }),
  },
  {
    name: 'Use up a limit',
    about: 'GET /api/limited, eight times',
    why: 'Five pass in ten seconds; the sixth is told when to come back.',
    send: async () => {
      let last
      for (let at = 0; at < 8; at++) last = await fetch('/api/limited')
      return last
    },
  },
]

const shown = [
  'content-type',
  'x-request-id',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'content-security-policy',
  'x-content-type-options',
  'cache-control',
  'server-timing',
]

for (const attempt of attempts) {
  const button = document.createElement('button')
  button.type = 'button'
  const about = document.createElement('small')
  about.textContent = attempt.about
  button.append(attempt.name, about)
  button.addEventListener('click', () => void run(attempt))
  document.querySelector('#attempts').append(button)
}

async function run({ why, send }) {
  const result = document.querySelector('#result')
  try {
    const response = await send()
    const body = await response.text()
    const headers = shown.flatMap((name) =>
      response.headers.has(name) ? `${name}: ${response.headers.get(name)}` : [],
    )
    result.replaceChildren(
      line('p', `${response.status} ${response.statusText}`, `status ${response.ok ? 'good' : 'bad'}`),
      line('p', why, 'why'),
      line('pre', headers.join('\n')),
      line('pre', pretty(body)),
    )
    // On a phone the answer stands below the buttons.
    result.scrollIntoView({ block: 'nearest' })
  } catch (error) {
    result.replaceChildren(
      line('p', 'The connection was ended', 'status bad'),
      line('p', `${why} (${error.message})`, 'why'),
    )
  }
}

function line(tag, text, className = '') {
  return Object.assign(document.createElement(tag), { textContent: text, className })
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body.slice(0, 2000)
  }
}

async function refresh() {
  const dot = document.querySelector('#dot')
  const state = document.querySelector('#state')
  try {
    const { status } = await (await fetch('/health')).json()
    dot.className = `dot ${status}`
    state.textContent = { pass: 'ready', warn: 'ready, with a warning', fail: 'not ready' }[status] ?? status
  } catch {
    dot.className = 'dot fail'
    state.textContent = 'does not answer'
  }
}

document.querySelector('#port').textContent = location.port || '80'
await refresh()
setInterval(() => void refresh(), 5000)
