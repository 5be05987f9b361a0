import type { Problem } from './problem/problem.js'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that is safe in HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}

/** A problem as a page that needs no style, script or image, so that it stands under any Content-Security-Policy. */
export function renderHtml(problem: Problem, language = 'en'): string {
  const heading = `${problem.status} ${escapeHtml(problem.title)}`
  const lines = [
    '<!doctype html>',
    `<html lang="${escapeHtml(language)}">`,
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${heading}</title>`,
    '</head>',
    '<body>',
    `<h1>${heading}</h1>`,
  ]
  if (problem.detail !== undefined) lines.push(`<p>${escapeHtml(problem.detail)}</p>`)
  const issues = issuesOf(problem)
  if (issues.length > 0) lines.push('<ul>', ...issues.map((issue) => `<li>${escapeHtml(issue)}</li>`), '</ul>')
  lines.push('<dl>', ...facts(problem).map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`), '</dl>')
  if (problem['internal'] !== undefined) lines.push(`<pre>${escapeHtml(pretty(problem['internal']))}</pre>`)
  lines.push('</body>', '</html>', '')
  return lines.join('\n')
}

/** A problem as plain text. */
export function renderText(problem: Problem): string {
  const lines = [`${problem.status} ${problem.title}`]
  if (problem.detail !== undefined) lines.push(problem.detail)
  lines.push(...issuesOf(problem).map((issue) => `- ${issue}`))
  lines.push(...facts(problem).map(([name, value]) => `${name}: ${value}`))
  if (problem['internal'] !== undefined) lines.push(pretty(problem['internal']))
  return `${lines.join('\n')}\n`
}

function facts({ code, requestId, traceId }: Problem): [name: string, value: string][] {
  const all: [string, string | undefined][] = [
    ['Code', code],
    ['Request', requestId],
    ['Trace', traceId],
  ]
  return all.filter((fact): fact is [string, string] => fact[1] !== undefined)
}

function issuesOf({ errors }: Problem): string[] {
  if (!Array.isArray(errors)) return []
  return errors.flatMap(({ pointer, detail }) => {
    if (typeof detail !== 'string') return []
    return [typeof pointer === 'string' ? `${pointer}: ${detail}` : detail]
  })
}

function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2)
}
