import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'
import { describe, expect, it } from '@jest/globals'

const root = join(__dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** Every word that stands in code. */
const prose = readme.replace(/```[^]*?```/g, '').replace(/`` .*? ``/g, '')
const named = new Set([...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => (code as string).match(/\w+/g) ?? []))

interface Declaration {
  readonly name: string
  readonly members: readonly string[]
}

/** The interfaces of options that a file exports, with their members. */
function optionsOf(file: string): Declaration[] {
  const { body } = parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', target: 'es2022' })
  return body.flatMap((item) => {
    if (item.type !== 'ExportDeclaration' || item.declaration.type !== 'TsInterfaceDeclaration') return []
    const { id, body: members } = item.declaration
    if (!id.value.endsWith('Options') || id.value.startsWith('Resolved')) return []
    const names = members.body.flatMap((member) =>
      member.type === 'TsPropertySignature' && member.key.type === 'Identifier' ? [member.key.value] : [],
    )
    return [{ name: id.value, members: names }]
  })
}

const options = (readdirSync(join(root, 'src'), { recursive: true }) as string[])
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => optionsOf(join(root, 'src', name)))
  .filter(({ name }) => name !== 'RequestValidationErrorOptions')

describe('README', () => {
  it('[RP-4] names every option of every factory of the package', () => {
    expect(options.length).toBeGreaterThan(15)
    const missing = options.flatMap(({ name, members }) =>
      members.filter((member) => !named.has(member)).map((member) => `${name}.${member}`),
    )
    expect(missing).toEqual([])
  })

  it('[RP-4] has a heading for every error code of the package', () => {
    const sources = (readdirSync(join(root, 'src'), { recursive: true }) as string[])
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
    const codes = new Set(sources.flatMap((source) => source.match(/ERR_VALIDATION_[A-Z_]+[A-Z]/g) ?? []))
    expect(codes.size).toBeGreaterThan(8)
    expect([...codes].filter((code) => !readme.includes(`### \`${code}\``))).toEqual([])
  })
})
