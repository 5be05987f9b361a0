const state = document.querySelector('#jobs-state')
const list = document.querySelector('#jobs-list')
const told = document.querySelector('#jobs-told')
const kill = document.querySelector('#kill')
const replay = document.querySelector('#replay')

/** Milliseconds between two looks: while something moves, and while nothing does. */
const pace = { busy: 1000, idle: 5000 }
let timer

for (const button of document.querySelectorAll('[data-samples]')) {
  button.addEventListener(
    'click',
    () =>
      void post('samples', JSON.parse(button.dataset.samples), (made) => {
        return `${made.length} handed over`
      }),
  )
}
kill.addEventListener(
  'click',
  () => void post('worker/kill', {}, () => 'The worker is dead. Watch: another one comes, and its job runs again.'),
)
replay.addEventListener('click', () => void post('replay', {}, ({ replayed }) => `${replayed} put back`))
document.addEventListener('visibilitychange', () => document.hidden || void look())

async function post(path, body, tell) {
  try {
    const response = await fetch(`/api/jobs/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    told.textContent = response.ok ? tell(answer) : refusal(response, answer)
  } catch (error) {
    told.textContent = `no answer: ${error.message}`
  }
  await look()
}

async function look() {
  clearTimeout(timer)
  let wait = pace.idle
  try {
    const response = await fetch('/api/jobs')
    const view = await response.json()
    if (response.ok) {
      show(view)
      const { waiting, delayed, active } = view.counts
      const isMoving = view.worker !== undefined && view.worker.state !== 'working'
      if (waiting + delayed + active > 0 || isMoving) wait = pace.busy
    } else told.textContent = refusal(response, view)
  } catch {
    // The line at the top of the page says that nobody answers.
  }
  // Who cannot be seen need not look.
  if (!document.hidden) timer = setTimeout(() => void look(), wait)
}

/** What a problem says; where Redis is away, what that means here. */
function refusal({ status }, { code, detail, title }) {
  if (code === 'ERR_JOBS_UNAVAILABLE')
    return `${status}: Redis is away. Nothing is lost: who submits is told to come again.`
  return `${status}: ${detail ?? title}`
}

function show({ durable, worker, counts, totals, recent }) {
  document.querySelector('#jobs-where').textContent = where(durable, worker)
  kill.disabled = worker === undefined
  kill.title = worker === undefined ? 'There is one with REDIS_URL' : ''
  replay.disabled = counts.dead === 0
  const figures = {
    Waiting: counts.waiting + counts.delayed,
    Running: counts.active,
    Done: counts.completed,
    'Failed runs': totals.failed,
    'Dead letters': counts.dead,
    ...(worker && { Restarts: worker.restarts }),
  }
  state.replaceChildren(
    ...Object.entries(figures).map(([name, value]) => {
      const figure = document.createElement('div')
      figure.append(element('dt', name), element('dd', value))
      return figure
    }),
  )
  list.replaceChildren(...recent.map(line))
}

function where(durable, worker) {
  const what = 'Documents are cut into chunks, counted and hashed in the background'
  if (!durable)
    return `${what}, by the server itself: without Redis jobs end with it. Set REDIS_URL for a worker process.`
  if (worker === undefined) return `${what}, by way of Redis.`
  const who = worker.pid === undefined ? 'which is being started again' : `process ${worker.pid}, ${worker.state}`
  return `${what}, by way of Redis and a worker (${who}).`
}

function line({ state: now, title, runs, attempts, maxAttempts, progress, error, result }) {
  const item = element('li', '', 'job')
  item.append(element('b', title), element('span', words[now] ?? now, now))
  if (now === 'active' && progress) {
    const bar = Object.assign(document.createElement('progress'), { max: progress.of, value: progress.done })
    bar.setAttribute('aria-label', `${title}: ${progress.done} of ${progress.of} chunks`)
    item.append(bar)
  }
  if (result) item.append(element('span', `${result.words} words in ${result.chunks} chunks`))
  if (now !== 'completed' && attempts > 0) item.append(element('span', `${attempts} of ${maxAttempts} attempts failed`))
  if (runs.length > 0) item.append(element('small', `run by ${runs.join(', then ')}`))
  if (error && now !== 'completed') item.append(element('small', error))
  return item
}

const words = {
  waiting: 'waits',
  delayed: 'waits for its next attempt',
  active: 'running',
  completed: 'done',
  dead: 'dead letter',
}

function element(tag, text, className = '') {
  return Object.assign(document.createElement(tag), { textContent: text, className })
}

await look()
