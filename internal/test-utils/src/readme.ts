import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { declaredMembers, exportedNames, importedNames, sourcesOf } from './declared.js'

/** The README of a package, beside the sources that it speaks of. */
export class Readme {
  readonly text: string
  /** Its scripts, in their order. */
  readonly examples: readonly string[]
  readonly #sources: string

  /** @param folder - the package's */
  constructor(folder: string) {
    this.text = readFileSync(join(folder, 'README.md'), 'utf8')
    this.examples = [...this.text.matchAll(/```(?:ts|js)\n([^]*?)```/g)].map(([, code = '']) => code)
    this.#sources = join(folder, 'src')
  }

  /** What stands below a line that begins like this, as far as the next heading. */
  section(line: string): string {
    const [, after] = this.text.split(`\n${line}`)
    if (after === undefined) throw new Error(`There is no line ${line}`)
    return after.split(/\n##+ /)[0] as string
  }

  /** What the first table below a line lists: the names in its first column. */
  listed(line: string): string[] {
    const [table = ''] = /^(?:\|.*\n)+/m.exec(this.section(line)) ?? []
    const cells = table.split('\n').map((row) => row.split('|')[1] ?? '')
    return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name as string))
  }

  /** What an interface of the sources has: options, as a rule. */
  declared(name: string): string[] {
    const members = declaredMembers(this.#sources).get(name)
    if (members === undefined) throw new Error(`There is no interface ${name}`)
    return members
  }

  /** What the examples import from packages of the workspace that do not export it. */
  missingImports(): string[] {
    return this.examples
      .flatMap((example) => importedNames(example))
      .filter(({ from, name }) => from.startsWith('@hardening/') && !exportedNames(from).includes(name))
      .map(({ from, name }) => `${name} of ${from}`)
  }

  /** Codes of errors that stand as headings. */
  get headedCodes(): string[] {
    return [...this.text.matchAll(/^### `?(ERR_\w+)`?$/gm)].map(([, code]) => code as string)
  }

  /** Codes of errors that the sources name, of those that begin with `prefix`. */
  codes(prefix: string): string[] {
    const found = sourcesOf(this.#sources).flatMap((source) => [...source.matchAll(/['`](ERR_[A-Z_]*[A-Z])['`]/g)])
    return [...new Set(found.map(([, code]) => code as string))].filter((code) => code.startsWith(prefix))
  }
}

/** The options that a factory knows, as it names them where it gets one that it does not. */
export async function knownOptions(factory: (options: never) => unknown): Promise<string[]> {
  try {
    await factory({ nonsense: true } as never)
  } catch (error) {
    return /\(known: ([^()]+)\)/.exec((error as Error).message)?.[1]?.split(', ') ?? []
  }
  throw new Error('took an option that there is not')
}
