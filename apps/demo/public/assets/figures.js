const everyMs = 5000
let timer

document.addEventListener('visibilitychange', () => document.hidden || void look())

async function look() {
  clearTimeout(timer)
  try {
    const response = await fetch('/api/figures')
    if (response.ok) show(await response.json())
  } catch {
    // The line at the top of the page says that nobody answers.
  }
  // Who cannot be seen need not look.
  if (!document.hidden) timer = setTimeout(() => void look(), everyMs)
}

function show({ rules, alerts, operations, caches, llm, events, windowMs }) {
  const told = alerts.length === 0 ? `all ${rules} rules are quiet` : `${alerts.length} of ${rules} rules`
  const minutes = Math.round(windowMs / 60_000)
  document.querySelector('#alerts').textContent = `Alerts: ${told}. Below: the last ${minutes} minutes.`
  document
    .querySelector('#alerts-list')
    .replaceChildren(
      ...alerts.map(({ alert, state, severity, summary }) =>
        element('li', `${alert} is ${state} (${severity}): ${summary}`, state),
      ),
    )
  document.querySelector('#operations').replaceChildren(...operations.slice(0, 25).map(row))
  const counts = [
    ...caches.map(({ cache, hitRate }) => [`Cache ${cache}`, `${Math.round(hitRate * 100)} % hits`]),
    ...llm.map(({ model, promptTokens, completionTokens, dollars }) => [
      `Model ${model}`,
      `${promptTokens + completionTokens} tokens, $${dollars.toFixed(6)}`,
    ]),
    ...events.map(({ event, count }) => [event.replaceAll('_', ' '), count]),
  ]
  document.querySelector('#counts').replaceChildren(
    ...counts.map(([name, value]) => {
      const figure = document.createElement('div')
      figure.append(element('dt', name), element('dd', value))
      return figure
    }),
  )
}

function row({ kind, name, calls, errorRate, p50Ms, p95Ms, p99Ms }) {
  const line = document.createElement('tr')
  const first = element('td', `${name} `)
  first.append(element('small', kind))
  const cells = [calls, `${(errorRate * 100).toFixed(errorRate > 0 ? 1 : 0)} %`, ms(p50Ms), ms(p95Ms), ms(p99Ms)]
  line.append(first, ...cells.map((text) => element('td', text)))
  return line
}

function ms(value) {
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

function element(tag, text, className = '') {
  return Object.assign(document.createElement(tag), { textContent: text, className })
}

await look()
