import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync, type ModuleItem, type TsInterfaceDeclaration } from '@swc/core'

/** Every TypeScript source below a folder. */
export function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
}

function parse(code: string): ModuleItem[] {
  return parseSync(code, { syntax: 'typescript', decorators: true, target: 'es2022' }).body
}

/** The members of every interface that the sources below a folder export, by its name. */
export function declaredMembers(folder: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const item of sourcesOf(folder).flatMap(parse)) {
    if (item.type !== 'ExportDeclaration' || item.declaration.type !== 'TsInterfaceDeclaration') continue
    found.set(item.declaration.id.value, membersOf(item.declaration))
  }
  return found
}

function membersOf({ body }: TsInterfaceDeclaration): string[] {
  return body.body.flatMap((member) =>
    (member.type === 'TsPropertySignature' || member.type === 'TsMethodSignature') && member.key.type === 'Identifier'
      ? [member.key.value]
      : [],
  )
}

/** What a script imports, by name: types too. */
export function importedNames(code: string): { readonly from: string; readonly name: string }[] {
  return parse(code).flatMap((item) => {
    if (item.type !== 'ImportDeclaration') return []
    const from = item.source.value
    return item.specifiers.flatMap((one) =>
      one.type === 'ImportSpecifier' ? [{ from, name: (one.imported ?? one.local).value }] : [],
    )
  })
}

/** What an entry of a package of the workspace exports, such as `@hardening/errors/client`: types too. */
export function exportedNames(entry: string): string[] {
  const [, name = '', path = ''] = /^@hardening\/([^/]+)(\/.*)?$/.exec(entry) ?? []
  const root = join(__dirname, '../../../packages', name)
  if (name === '' || !existsSync(root)) return []
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { readonly '@hardening/source'?: string }>
  }
  const source = exports[`.${path}`]?.['@hardening/source']
  return source === undefined ? [] : parse(readFileSync(join(root, source), 'utf8')).flatMap(exportsOf)
}

function exportsOf(item: ModuleItem): string[] {
  if (item.type === 'ExportNamedDeclaration') {
    return item.specifiers.flatMap((one) => (one.type === 'ExportSpecifier' ? [(one.exported ?? one.orig).value] : []))
  }
  if (item.type !== 'ExportDeclaration') return []
  const { declaration } = item
  if (declaration.type === 'VariableDeclaration') {
    return declaration.declarations.flatMap(({ id }) => (id.type === 'Identifier' ? [id.value] : []))
  }
  return 'identifier' in declaration
    ? [declaration.identifier.value]
    : 'id' in declaration
      ? [declaration.id.value]
      : []
}
