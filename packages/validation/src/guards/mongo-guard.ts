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
  for (const text of texts) {
    if (/^\w+$/.test(text)) continue
    for (let at = script.indexOf(text); at !== -1; at = script.indexOf(text, at + 1)) {
      if (!insideLiteral(script, at, at + text.length)) throw new MongoGuardError('leaves its literal in a script')
    }
  }
}

function insideLiteral(script: string, from: number, to: number): boolean {
  let quote = 0
  for (let at = 0; at < to; at++) {
    const code = script.charCodeAt(at)
    if (at >= from && quote === 0) return false
    if (quote === 0) {
      if (code === 39 || code === 34 || code === 96) {
        if (at >= from) return false
        quote = code
      }
    } else if (code === 92) at++
    else if (code === quote) {
      if (at >= from) return false
      quote = 0
    } else if (quote === 96 && code === 36 && script.charCodeAt(at + 1) === 123 && at >= from) return false
    else if (code === 10 && quote !== 96 && at >= from) return false
  }
  return quote !== 0
}
