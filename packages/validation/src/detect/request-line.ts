import type { Exchange } from '@hardening/core'
import { decodePercent } from './decode/percent.js'
import { fieldPart } from './finding.js'
import type { Innocents } from './innocents.js'
import type { Inspection } from './inspection.js'

/** Shows an inspection the path, the query and the chosen headers of a request. */
export function inspectRequestLine(
  inspection: Inspection,
  exchange: Exchange,
  headers: readonly string[],
  agents: Innocents,
): void {
  const { req, path } = exchange
  if (path.length > 1) inspection.text(path, 'path')
  const url = req.originalUrl ?? req.url ?? ''
  const question = url.indexOf('?')
  if (question !== -1 && question < url.length - 1) inspectQuery(inspection, url, question + 1)
  for (const name of headers) {
    const value = req.headers[name]
    if (value === undefined) continue
    if (name === 'user-agent') inspectAgent(inspection, value as string, agents)
    else if (name === 'cookie') inspectCookies(inspection, value as string)
    else for (const one of Array.isArray(value) ? value : [value]) inspection.text(one, `header.${name}`)
  }
}

/** The query is read here, not from `req.query`: parsers differ, and an attack is one whatever they make of it. */
function inspectQuery(inspection: Inspection, url: string, from: number): void {
  let at = from
  while (at < url.length) {
    let end = url.indexOf('&', at)
    if (end === -1) end = url.length
    if (end > at) {
      const equals = url.indexOf('=', at)
      const split = equals === -1 || equals > end ? end : equals
      const name = formDecode(url.slice(at, split))
      const field = `query.${fieldPart(name)}`
      inspection.key(name, field)
      if (split < end) inspection.text(formDecode(url.slice(split + 1, end)), field)
    }
    at = end + 1
  }
}

/** Few programs make most requests: one that was found innocent is so the next time too. */
function inspectAgent(inspection: Inspection, value: string, agents: Innocents): void {
  if (agents.has(value)) return
  const before = inspection.findings.length
  inspection.text(value, 'header.user-agent')
  if (inspection.findings.length === before) agents.add(value)
}

function inspectCookies(inspection: Inspection, header: string): void {
  let at = 0
  while (at < header.length) {
    let end = header.indexOf(';', at)
    if (end === -1) end = header.length
    const equals = header.indexOf('=', at)
    if (equals !== -1 && equals < end) {
      const name = header.slice(at, equals).trim()
      inspection.text(header.slice(equals + 1, end), `cookie.${fieldPart(name)}`)
    }
    at = end + 1
  }
}

function formDecode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return decodePercent(spaced)
}
