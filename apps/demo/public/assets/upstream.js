const faults = {
  well: 'well',
  dead: 'dead: refuses connections',
  slow: 'slow: answers after five seconds',
  flapping: 'flapping: every other answer is 503',
  limited: 'busy: every other answer is 429 with Retry-After',
}
const answers = document.querySelector('#upstream-answers')
const state = document.querySelector('#upstream-state')

for (const [fault, text] of Object.entries(faults)) {
  const label = document.createElement('label')
  const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'fault', value: fault })
  input.addEventListener('change', () => void setFault(fault))
  label.append(input, ` ${text}`)
  document.querySelector('#faults').append(label)
}
document.querySelector('#ask').addEventListener('click', () => void ask(1))
document.querySelector('#ask-many').addEventListener('click', () => void ask(10))
document.querySelector('#ask-model').addEventListener('click', () => void askModel())

async function setFault(fault) {
  const response = await fetch('/api/upstream/fault', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fault }),
  })
  if (response.ok) show(await response.json())
  else {
    note(`${response.status}: ${(await response.json()).detail ?? 'the fault was not switched'}`)
    await refresh()
  }
}

async function askModel() {
  const text = 'Whatever an application depends on will be away one day. What its users see then was decided before.'
  try {
    const response = await fetch('/api/upstream/summary', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
    })
    const { summary, tokens, code } = await response.json()
    note(`${response.status}: ${response.ok ? `${summary} (${tokens.prompt} + ${tokens.completion} tokens)` : code}`)
  } catch (error) {
    note(`no answer: ${error.message}`)
  }
  await refresh()
}

/** One after the other: so one sees the breaker open and the answers become quick. */
async function ask(times) {
  for (let at = 0; at < times; at++) {
    const start = performance.now()
    try {
      const response = await fetch('/api/upstream/rates')
      const body = await response.json()
      const retryAfter = response.headers.get('retry-after')
      const what = response.ok
        ? JSON.stringify(body.rates)
        : `${body.code}${retryAfter ? `, again in ${retryAfter} s` : ''}`
      note(`${response.status} after ${Math.round(performance.now() - start)} ms: ${what}`)
    } catch (error) {
      note(`no answer: ${error.message}`)
    }
  }
  await refresh()
}

async function refresh() {
  const response = await fetch('/api/upstream')
  if (response.ok) show(await response.json())
}

function show({ fault, requests, breaker, stats }) {
  const input = document.querySelector(`input[name="fault"][value="${fault}"]`)
  if (input) input.checked = true
  const wait = breaker.retryAfterMs > 0 ? `, for ${Math.ceil(breaker.retryAfterMs / 1000)} s` : ''
  const rows = {
    Breaker: `${breaker.state}${wait}`,
    Calls: stats.calls,
    'Reached the service': requests,
    Retries: stats.retries,
    'Ran out of time': stats.timeouts,
    'Refused by the breaker': stats.refused,
  }
  state.replaceChildren(
    ...Object.entries(rows).flatMap(([name, value]) => [
      Object.assign(document.createElement('dt'), { textContent: name }),
      Object.assign(document.createElement('dd'), { textContent: value }),
    ]),
  )
}

function note(text) {
  answers.prepend(Object.assign(document.createElement('li'), { textContent: text }))
  while (answers.children.length > 30) answers.lastChild.remove()
}

await refresh()
