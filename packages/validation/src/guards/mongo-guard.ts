import { isMongoOperator } from '../detect/keys.js'
import { MongoGuardError } from './errors.js'
import { textsOf, type GuardInputs } from './inputs.js'

const maxDepth = 100
const scripts = new Set([
  '$where',
  '$function',
  '$accumulator',
  'body',
  'init',
  'accumulate',
  'merge',
  'finalize',
  'mapReduce',
  'map',
  'reduce',
])

/**
 * Refuses a filter, update or pipeline of MongoDB into which request input has put operators or script: an object of the
 * input that stands in it with a key such as `$ne`, a key of it that the client chose, or a text of the input that leaves
 * its literal in the script of `$where`. Operators that the application writes itself pass.
 *
 * @param query - the filter, update or pipeline as it will be sent.
 * @param inputs - everything that came with the request: `[req.query, req.params, req.body]`.
 * @throws MongoGuardError `ERR_VALIDATION_MONGO_GUARD`
 * @example
 * const filter = { email: req.body.email, age: { $gte: 18 } }
 * mongoGuard(filter, [req.body])
 */
export function mongoGuard(query: unknown, inputs: GuardInputs): void {
  const foreign = new Set<object>()
  const operators = new Set<string>()
  collect(inputs, foreign, operators, 0)
  const texts = textsOf(inputs)
  if (texts === undefined) throw new MongoGuardError('more inputs than can be followed')
  walk(query, { foreign, operators, texts, own: new Set() }, false, 0)
}

interface Known {
  /** Objects of the inputs. */
  readonly foreign: ReadonlySet<object>
  /** Operators that the inputs have as keys, with the shape of their values, to know copies. */
  readonly operators: ReadonlySet<string>
  readonly texts: readonly string[]
  readonly own: Set<object>
}

function collect(value: unknown, foreign: Set<object>, operators: Set<string>, depth: number): void {
  if (typeof value !== 'object' || value === null || foreign.has(value) || ArrayBuffer.isView(value)) return
  if (depth > maxDepth) throw new MongoGuardError('is too deep')
  foreign.add(value)
  if (Array.isArray(value)) {
    for (const item of value) collect(item, foreign, operators, depth + 1)
    return
  }
  for (const name of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[name]
    if (name.startsWith('$')) operators.add(shapeOf(name, item))
    collect(item, foreign, operators, depth + 1)
  }
}

function walk(value: unknown, known: Known, inside: boolean, depth: number): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if (depth > maxDepth) throw new MongoGuardError('is too deep')
  const foreign = inside || known.foreign.has(value)
  if (!foreign) {
    if (known.own.has(value)) return
    known.own.add(value)
  }
  if (Array.isArray(value)) {
    for (const item of value) walk(item, known, foreign, depth + 1)
    return
  }
  if (!isPlain(value)) return
  for (const name of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[name]
    if (name.startsWith('$')) {
      if (foreign) throw new MongoGuardError('has an operator')
      // A clone, such as a validator makes, is another object with the same operator and operand.
      if (known.operators.has(shapeOf(name, item))) throw new MongoGuardError('has an operator')
      if (known.texts.includes(name) && isMongoOperator(name)) throw new MongoGuardError('chooses the operator')
    }
    if (name === '__proto__') throw new MongoGuardError('reaches for a prototype')
    if (typeof item === 'string' && scripts.has(name)) guardScript(item, known.texts)
    walk(item, known, foreign, depth + 1)
  }
}

/** Whether an object is plain data, of whichever realm: dates, ids and binaries are values. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function shapeOf(name: string, item: unknown): string {
  if (typeof item === 'object' && item !== null)
    return `${name}:${Array.isArray(item) ? 'list' : Object.keys(item).sort().join()}`
  return `${name}=${String(item)}`
}

/** Text of the input may stand in a script only inside a literal, or as one word or number. */
function guardScript(script: string, texts: readonly string[]): void {
  let ends: Uint32Array | undefined
  for (const text of texts) {
    if (/^\w+$/.test(text)) continue
    let at = script.indexOf(text)
    while (at !== -1) {
      ends ??= literalEnds(script)
      const end = ends[at] as number
      if (at + text.length > end) throw new MongoGuardError('leaves its literal in a script')
      // Up to the end of this literal it stands in it wherever it comes.
      at = script.indexOf(text, end - text.length + 1)
    }
  }
}

/** For each character of a script, where the content of the literal ends that it belongs to; 0 outside of literals. */
function literalEnds(script: string): Uint32Array {
  const ends = new Uint32Array(script.length)
  /** Open braces in the code of each template that is open around a place. */
  const templates: number[] = []
  let quote = 0
  let start = 0
  const close = (end: number): void => void ends.fill(end, start, end)
  for (let at = 0; at < script.length; at++) {
    const code = script.charCodeAt(at)
    if (quote === 0) {
      const open = templates.length - 1
      if (code === 39 || code === 34 || code === 96) {
        quote = code
        start = at + 1
      } else if (open >= 0 && code === 123) (templates[open] as number)++
      else if (open >= 0 && code === 125 && (templates[open] as number)-- === 0) {
        templates.pop()
        quote = 96
        start = at + 1
      }
    } else if (code === 92) at++
    else if (code === quote) {
      close(at)
      quote = 0
    } else if (quote === 96 && code === 36 && script.charCodeAt(at + 1) === 123) {
      close(at++)
      templates.push(0)
      quote = 0
    } else if (quote !== 96 && code === 10) {
      // Ends the literal by force: no text may reach over it.
      close(at)
      start = at + 1
    }
  }
  if (quote !== 0) close(script.length)
  return ends
}
