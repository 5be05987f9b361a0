import { compileFunction } from 'node:vm'
import { parseSync, transformSync } from '@swc/core'

/**
 * The regular expressions of a source, found by parsing it: those that stand in it whole, as `{ pattern, flags }`, and how many are
 * put together when it runs.
 */
export function regexesIn(source, path) {
  const syntax = /\.[cm]?ts$/.test(path) ? 'typescript' : 'ecmascript'
  const whole = []
  let composed = 0
  const visit = (node) => {
    if (typeof node !== 'object' || node === null) return
    if (node.type === 'RegExpLiteral') whole.push({ pattern: node.pattern, flags: node.flags })
    if ((node.type === 'NewExpression' || node.type === 'CallExpression') && node.callee?.value === 'RegExp') {
      const [pattern, flags] = (node.arguments ?? []).map(({ expression }) => expression)
      const isWhole = pattern?.type === 'StringLiteral' && (flags === undefined || flags.type === 'StringLiteral')
      if (isWhole) whole.push({ pattern: pattern.value, flags: flags?.value ?? '' })
      else composed++
    }
    for (const child of Object.values(node)) visit(child)
  }
  visit(parseSync(source, { syntax, target: 'es2022' }))
  return { whole, composed }
}

/** Stands for whatever a source imports: can be read, called and made. */
const anything = new Proxy(function () {}, {
  get: (_target, key) => (key === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
  construct: () => anything,
})

/** The regular expressions that a source puts together when it is loaded, found by loading it with nothing behind its imports. */
export function regexesBuiltBy(source) {
  const built = []
  class Recorder extends RegExp {
    constructor(pattern, flags) {
      super(pattern, flags)
      built.push({ pattern: this.source, flags: this.flags })
    }
  }
  const jsc = { parser: { syntax: 'typescript' }, target: 'es2022' }
  const { code } = transformSync(source, { jsc, module: { type: 'commonjs' } })
  compileFunction(code, ['require', 'exports', 'module', 'RegExp'])(() => anything, {}, {}, Recorder)
  return built
}
