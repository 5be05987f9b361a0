import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { publishedPackages } from '../lib/packages.mjs'
import { Failure } from '../lib/failure.mjs'
import { root } from '../lib/root.mjs'

/** Every package that is published has a README that begins with its name and shows how to install it. */
export const readmes = {
  title: 'A README in every package',
  async run() {
    const wrong = publishedPackages().flatMap(({ name, folder }) => {
      const path = join(folder, 'README.md')
      const where = relative(root, path)
      if (!existsSync(path)) return [`${where} is missing`]
      const text = readFileSync(path, 'utf8')
      return [
        text.startsWith(`# ${name}\n`) ? [] : [`${where} does not begin with "# ${name}"`],
        /^## Install/m.test(text) ? [] : [`${where} has no "## Install"`],
      ].flat()
    })
    if (wrong.length > 0) throw new Failure(wrong.join('\n'))
  },
}
