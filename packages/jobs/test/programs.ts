import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import {
  compilePackages,
  startChild,
  startRedis,
  until,
  type Child,
  type CompiledPackages,
  type RedisServer,
} from '@hardening/test-utils'

/** What every program begins with: how it ended is in its output. */
const opening = `
const { createJobs, UnrecoverableJobError } = require('@hardening/jobs')
const [url, ...args] = process.argv.slice(2)
const say = (...words) => console.log(words.join(' '))
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const insist = async (run) => { for (;;) try { return await run() } catch (error) { await pause(20) } }
process.on('exit', (code) => require('fs').writeSync(1, 'exit ' + code + '\\n'))
`

/** Real processes with jobs in them, and how to end them. */
export class Programs {
  readonly #compiled: CompiledPackages = compilePackages('core', 'jobs')
  readonly #children: Child[] = []
  #count = 0

  /** @param libraries - what the programs can load beside `@hardening/jobs` and `@hardening/core` */
  constructor(libraries: readonly string[] = ['bullmq', 'ioredis', 'piscina']) {
    for (const name of ['croner', ...libraries]) {
      symlinkSync(join(__dirname, '../node_modules', name), join(this.#compiled.folder, 'node_modules', name))
    }
  }

  get folder(): string {
    return this.#compiled.folder
  }

  start(source: string, ...args: readonly string[]): Child {
    const file = join(this.folder, `program-${this.#count++}.cjs`)
    writeFileSync(file, `${opening};(async () => {${source}\n})()`)
    // Package managers name folders of libraries in it that an application would not find.
    const child = startChild('env', ['-u', 'NODE_PATH', process.execPath, file, ...args], this.folder)
    this.#children.push(child)
    return child
  }

  /** Waits for a program that ends by itself, and gives what it has said. */
  async run(source: string, ...args: readonly string[]): Promise<string> {
    const child = this.start(source, ...args)
    await ends(child)
    return child.output()
  }

  stop(): void {
    for (const child of this.#children) child.signal('SIGKILL')
    this.#compiled.remove()
  }
}

/** Programs for the tests of a file, and for each of the tests a Redis as jobs need one. */
export function programsOnRedis(): { readonly programs: Programs; readonly server: RedisServer } {
  const own = {} as { programs: Programs; server: RedisServer }
  beforeAll(() => {
    own.programs = new Programs()
  })
  afterAll(() => own.programs.stop())
  beforeEach(async () => {
    own.server = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] })
  })
  afterEach(() => own.server.stop())
  return own
}

export async function says(child: Child, what: RegExp, times = 1): Promise<void> {
  const pattern = new RegExp(what.source, 'g')
  const isThere = (): boolean => (child.output().match(pattern) ?? []).length >= times
  await until(isThere, { within: 60_000, every: 20, what: `${what.source} in the output` }).catch((cause: unknown) => {
    throw new Error(`never said ${what.source}:\n${child.output()}`, { cause })
  })
}

export async function ends(child: Child): Promise<void> {
  await until(() => !child.running, { within: 60_000, every: 20 }).catch((cause: unknown) => {
    throw new Error(`did not end by itself:\n${child.output()}`, { cause })
  })
  await child.ended()
}
