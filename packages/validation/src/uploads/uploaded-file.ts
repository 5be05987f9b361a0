import { copyFile, rename, rm } from 'node:fs/promises'

/** A file that was received, looked into and stored. */
export interface UploadedFile {
  /** Field of the form that held it. */
  readonly field: string
  /** The name that the client gave it, made harmless: for showing, not for storing. */
  readonly originalName: string
  /** Where it is now. */
  readonly path: string
  /** Its name there: chosen by us, with the extension of its type. */
  readonly storedName: string
  /** Bytes. */
  readonly size: number
  /** Short name of its type, decided from its bytes: `pdf`. */
  readonly type: string
  /** Media type that goes with it, whatever the client declared. */
  readonly mimeType: string
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string
  /** Width in pixels, of a picture. */
  readonly width?: number
  /** Height in pixels, of a picture. */
  readonly height?: number
  /** Keeps the file where it is, also where the request fails afterwards. */
  keep(): void
  /** Moves it, also to another file system, and keeps it there. `path` is then where it is. */
  moveTo(path: string): Promise<void>
  /** Deletes it. */
  remove(): Promise<void>
}

/** A file on disk that is deleted unless somebody keeps it. */
export class StoredFile implements UploadedFile {
  readonly field: string
  readonly originalName: string
  readonly storedName: string
  readonly size: number
  readonly type: string
  readonly mimeType: string
  readonly sha256: string
  path: string
  #kept = false

  constructor(facts: StoredFacts) {
    this.field = facts.field
    this.originalName = facts.originalName
    this.storedName = facts.storedName
    this.path = facts.path
    this.size = facts.size
    this.type = facts.type
    this.mimeType = facts.mimeType
    this.sha256 = facts.sha256
    if (facts.width !== undefined && facts.height !== undefined) {
      Object.assign(this, { width: facts.width, height: facts.height })
    }
  }

  keep(): void {
    this.#kept = true
  }

  get kept(): boolean {
    return this.#kept
  }

  async moveTo(path: string): Promise<void> {
    try {
      await rename(this.path, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      await copyFile(this.path, path)
      await rm(this.path, { force: true })
    }
    this.path = path
    this.#kept = true
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }
}

/** What is known of a file when it is stored. */
export interface StoredFacts {
  readonly field: string
  readonly originalName: string
  readonly storedName: string
  readonly path: string
  readonly size: number
  readonly type: string
  readonly mimeType: string
  readonly sha256: string
  readonly width?: number | undefined
  readonly height?: number | undefined
}
