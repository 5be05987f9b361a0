import { compileLayer, stateless, type Layer } from './express-shape.js'

/** One path of a mount in Express 4. */
export interface SourcePattern {
  readonly regexp: RegExp
  readonly template: string
}

// What Express 4 puts around the path of a mount when it compiles it.
const head = '^'
const tail = '\\/?(?=\\/|$)'

// `/:name` becomes `(?:\/(capture))`, `.:name` becomes `(?:\.(capture))`, `:name*` adds a second group.
const paramHead = /\(\?:(\\\.)?(\\?\/)?\(/y
const repeat = /\(\(\?:\[\\?\/(?:\\\.)?\]\.\+\?\)\?\)/y
const defaultCapture = /^(?:\[\^\\?\/(?:\\\.)?\]\+\?|\(\?:\(\?!\\?\/\|.*\)\.\)\+\?)$/

/**
 * The paths of a mounted layer of Express 4, which keeps nothing but the expression that they were compiled to. Each is
 * written back and compiled again: only what gives the same expression is taken for the path, all else is shown as the
 * expression that it is.
 */
export function sourcePatterns(layer: Layer): SourcePattern[] {
  const { regexp, keys = [] } = layer
  if (regexp === undefined) return []
  const alternatives = splitAlternatives(regexp.source)
  const patterns: SourcePattern[] = []
  let known = false
  let key = 0
  for (const source of alternatives) {
    const groups = countGroups(source)
    const names = keys.slice(key, key + groups).map(({ name }) => name)
    key += groups
    const template = writtenBack(layer, source, names)
    known ||= template !== undefined
    patterns.push({
      regexp: new RegExp(source, regexp.flags.replace(/[gy]/g, '')),
      template: template ?? `/${source}/`,
    })
  }
  return known ? patterns : [{ regexp: stateless(regexp), template: String(regexp) }]
}

function writtenBack(layer: Layer, source: string, names: readonly (string | number)[]): string | undefined {
  if (!source.startsWith(head) || !source.endsWith(tail)) return undefined
  const path = pathOfSource(source.slice(head.length, -tail.length), names)
  const sensitive = layer.regexp?.ignoreCase !== true
  const again = compileLayer(layer, path, { sensitive, strict: false, end: false })
  const same = again.regexp?.source === source && again.keys?.every(({ name }, at) => name === names[at])
  return same === true ? path : undefined
}

function pathOfSource(source: string, names: readonly (string | number)[]): string {
  let path = ''
  let key = 0
  let at = 0
  while (at < source.length) {
    const param = paramAt(source, at)
    if (param !== undefined) {
      const name = names[key] ?? key
      path += param.before + ':' + String(name) + param.after
      key += countGroups(source.slice(at, param.end))
      at = param.end
    } else if (source.startsWith('(.*)', at)) {
      path += '*'
      key++
      at += 4
    } else if (source.startsWith('(?:', at) && path.endsWith('/')) {
      path += '('
      at += 3
    } else if (source[at] === '\\') {
      const escaped = source[at + 1] ?? ''
      path += escaped === '/' || escaped === '.' ? escaped : `\\${escaped}`
      at += 2
    } else {
      if (source[at] === '(' && source[at + 1] !== '?') key++
      path += source[at]
      at++
    }
  }
  return path
}

function paramAt(source: string, at: number): { before: string; after: string; end: number } | undefined {
  paramHead.lastIndex = at
  const start = paramHead.exec(source)
  if (start === null) return undefined
  const open = paramHead.lastIndex - 1
  const close = closingOf(source, open)
  const capture = source.slice(open + 1, close)
  repeat.lastIndex = close + 1
  const repeated = repeat.test(source)
  const end = repeated ? repeat.lastIndex : close + 1
  if (source[end] !== ')') return undefined
  const optional = source[end + 1] === '?'
  const own = defaultCapture.test(capture) ? '' : `(${capture.replaceAll('\\/', '/').replaceAll('(.*)', '*')})`
  return {
    before: (start[2] === undefined ? '' : '/') + (start[1] === undefined ? '' : '.'),
    after: own + (repeated ? '*' : '') + (optional ? '?' : ''),
    end: optional ? end + 2 : end + 1,
  }
}

function splitAlternatives(source: string): string[] {
  const parts: string[] = []
  let from = 0
  walkSource(source, (at, depth) => {
    if (source[at] !== '|' || depth !== 0) return
    parts.push(source.slice(from, at))
    from = at + 1
  })
  parts.push(source.slice(from))
  return parts
}

function closingOf(source: string, open: number): number {
  let close = source.length
  walkSource(source.slice(open), (at, depth) => {
    if (source[open + at] === ')' && depth === 0 && close === source.length) close = open + at
  })
  return close
}

function countGroups(source: string): number {
  let groups = 0
  walkSource(source, (at) => {
    if (source[at] === '(' && (source[at + 1] !== '?' || /^\(\?<[^=!]/.test(source.slice(at, at + 4)))) groups++
  })
  return groups
}

/** Visits what is syntax in an expression's source: not what is escaped, nor inside a class. */
function walkSource(source: string, visit: (at: number, depth: number) => void): void {
  let depth = 0
  let inClass = false
  for (let at = 0; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else {
      if (char === ')') depth--
      visit(at, depth)
      if (char === '(') depth++
    }
  }
}
