import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { transformFileSync } from '@swc/core'
import { compilePackages, freePort, startChild, until, type Child, type CompiledPackages } from '@hardening/test-utils'

const root = join(__dirname, '../../..')

/** The demo as `npm start` runs it, compiled from the sources, in processes of its own. */
export class DemoProcesses {
  readonly #compiled: CompiledPackages
  readonly #children: Child[] = []

  constructor() {
    const names = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'src')))
    this.#compiled = compilePackages(...names)
    for (const name of names) this.#linkLibraries(join(root, 'packages', name))
    this.#linkLibraries(join(root, 'apps/demo'))
    this.#compileDemo()
  }

  #linkLibraries(folder: string): void {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>
    }
    for (const name of Object.keys(dependencies)) {
      const target = join(this.#compiled.folder, 'node_modules', name)
      if (existsSync(target)) continue
      mkdirSync(dirname(target), { recursive: true })
      symlinkSync(join(folder, 'node_modules', name), target)
    }
  }

  #compileDemo(): void {
    const source = join(root, 'apps/demo/src')
    for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const from = join(entry.parentPath, entry.name)
      const to = join(this.#compiled.folder, 'demo/dist/esm', from.slice(source.length)).replace(/\.ts$/, '.js')
      mkdirSync(dirname(to), { recursive: true })
      const { code } = transformFileSync(from, {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      })
      writeFileSync(to, code)
    }
    cpSync(join(root, 'apps/demo/public'), join(this.#compiled.folder, 'demo/public'), { recursive: true })
  }

  /** Starts the demo on a free port and resolves when it has said where it is. */
  async start(env: Record<string, string> = {}): Promise<{ child: Child; url: string }> {
    const port = await freePort()
    const file = join(this.#compiled.folder, 'demo/dist/esm/server.js')
    const set = {
      // Libraries of libraries lie beside those, which a link does not always lead to.
      NODE_PATH: join(root, 'node_modules/.pnpm/node_modules'),
      PORT: String(port),
      // The same for all, since making a database takes longer than all else: start one after the other.
      DATA_FOLDER: join(this.#compiled.folder, 'data'),
      RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_PER_HOUR: '1000000',
      ...env,
    }
    const variables = Object.entries(set).map(([name, value]) => `${name}=${value}`)
    const child = startChild('env', [...variables, process.execPath, file], this.#compiled.folder)
    this.#children.push(child)
    await until(() => !child.running || child.output().includes('Ctrl-C stops it'), { within: 90_000, every: 50 })
    if (!child.running) throw new Error(`the demo ended:\n${child.output()}`)
    return { child, url: `http://127.0.0.1:${port}` }
  }

  stop(): void {
    for (const child of this.#children) child.signal('SIGKILL')
    rmSync(join(this.#compiled.folder, 'demo'), { recursive: true, force: true })
    this.#compiled.remove()
  }
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
