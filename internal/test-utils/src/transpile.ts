import { transformSync } from '@swc/core'

/** TypeScript as a script of CommonJS; throws where it is none. */
export function transpile(code: string): string {
  return transformSync(code, {
    jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
    module: { type: 'commonjs' },
  }).code
}
