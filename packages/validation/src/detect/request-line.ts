import { charCodeAt } from '@hardening/core'
import type { Exchange } from '@hardening/core'
import { decodePercent } from './decode/percent.js'
import { fieldPart } from './finding.js'
import { Innocents } from './innocents.js'
import type { Inspection } from './inspection.js'
import { isOrdinary } from './ordinary.js'

/** Shows inspections the path, the query and the chosen headers of requests. Copies only what needs a closer look. */
export class RequestLine {
  readonly #headers: readonly (readonly [name: string, field: string])[]
  readonly #agents = new Innocents()
  /** The agent that was innocent last: many requests in a row have the same. */
  #lastAgent = ''

  constructor(headers: readonly string[]) {
    this.#headers = headers.map((name) => [name, `header.${name}`])
  }

  inspect(inspection: Inspection, exchange: Exchange): void {
    const { headers, path, url } = exchange
    if (path.length > 1 && !isOrdinary(path)) inspection.text(path, 'path')
    const question = url.indexOf('?')
    if (question !== -1 && question < url.length - 1) inspectQuery(inspection, url, question + 1)
    for (const [name, field] of this.#headers) {
      const value = headers[name]
      if (value === undefined) continue
      if (name === 'user-agent') this.#inspectAgent(inspection, value as string)
      else if (name === 'cookie') inspectCookies(inspection, value as string)
      else if (typeof value === 'string') inspection.text(value, field)
      else for (const one of value) inspection.text(one, field)
    }
  }

  /** Few programs make most requests: one that was found innocent is so the next time too. */
  #inspectAgent(inspection: Inspection, value: string): void {
    if (value === this.#lastAgent) return
    if (!this.#agents.has(value)) {
      const before = inspection.findings.length
      inspection.text(value, 'header.user-agent')
      if (inspection.findings.length !== before) return
      this.#agents.add(value)
    }
    this.#lastAgent = value
  }
}

/** The query is read here, not from `req.query`: parsers differ, and an attack is one whatever they make of it. */
function inspectQuery(inspection: Inspection, url: string, from: number): void {
  let at = from
  while (at < url.length) {
    let end = url.indexOf('&', at)
    if (end === -1) end = url.length
    if (end > at) {
      let split = at
      while (split < end && charCodeAt(url, split) !== equalsSign) split++
      if (!isOrdinary(url, at, split) || (split < end && !isOrdinary(url, split + 1, end)))
        inspectParameter(inspection, url.slice(at, split), url.slice(split + 1, end))
    }
    at = end + 1
  }
}

const equalsSign = 61

function inspectParameter(inspection: Inspection, rawName: string, rawValue: string): void {
  const name = formDecode(rawName)
  const field = `query.${fieldPart(name)}`
  inspection.key(name, field)
  inspection.text(formDecode(rawValue), field)
}

function inspectCookies(inspection: Inspection, header: string): void {
  let at = 0
  while (at < header.length) {
    let end = header.indexOf(';', at)
    if (end === -1) end = header.length
    let split = at
    while (split < end && charCodeAt(header, split) !== equalsSign) split++
    if (split < end && !isOrdinary(header, split + 1, end))
      inspection.text(header.slice(split + 1, end), `cookie.${fieldPart(header.slice(at, split).trim())}`)
    at = end + 1
  }
}

function formDecode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  return decodePercent(spaced)
}
