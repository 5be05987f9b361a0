import { lstat, mkdir, opendir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@hardening/core'

/** Age from which a part belongs to a process that ended in the middle of an upload. */
const abandonedMs = 24 * 60 * 60 * 1_000

const part = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/

/** The folder that uploads go to: made when the first file comes, and swept once of what a killed process left. */
export class UploadFolder {
  readonly path: string
  readonly #isShared: boolean
  readonly #clock: Clock
  #swept = false

  /** @param isShared - whether its parent is a place in which every user of the machine can make folders. */
  constructor(path: string, isShared: boolean, clock: Clock) {
    this.path = path
    this.#isShared = isShared
    this.#clock = clock
  }

  /** @throws Error where another user of the machine has made it before us, who could put other files in the place of ours (CWE-379). */
  async prepare(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 })
    if (this.#isShared) await this.#refuseForeign()
    if (this.#swept) return
    this.#swept = true
    this.#sweep().catch(warn)
  }

  async #refuseForeign(): Promise<void> {
    const found = await lstat(this.path)
    const user = process.getuid?.()
    if (!found.isDirectory() || (user !== undefined && found.uid !== user)) {
      throw new Error(`uploads: ${this.path} belongs to somebody else; choose another folder by the option \`folder\``)
    }
  }

  async #sweep(): Promise<void> {
    for await (const entry of await opendir(this.path)) {
      if (!entry.isFile() || !part.test(entry.name)) continue
      const path = join(this.path, entry.name)
      const { mtimeMs } = await lstat(path)
      if (this.#clock.now() - mtimeMs > abandonedMs) await rm(path, { force: true })
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(`uploads: the folder could not be swept: ${String(error)}`, { code: 'HARDENING_UPLOADS_REMOVE' })
}
