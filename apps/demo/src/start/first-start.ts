import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Secrets of an installation; made at its first start and kept in the data folder, readable by its owner alone. */
export interface Secrets {
  readonly healthToken: string
  readonly metricsToken: string
}

/** What the first start has made, to be shown once. */
export interface FirstStart {
  readonly secrets: Secrets
  /** Password of the demo's user; known only when it was made just now: what is kept is its hash. */
  readonly newPassword: string | undefined
}

/** E-mail of the demo's user. */
export const demoUser = 'demo@example.com'

/**
 * The secrets of the installation in `folder`, made where there are none.
 *
 * @param folder - The data folder; `undefined` keeps nothing.
 */
export function firstStart(folder: string | undefined): FirstStart {
  const file = folder && join(folder, 'secrets.json')
  if (file !== undefined && existsSync(file)) {
    return { secrets: JSON.parse(readFileSync(file, 'utf8')) as Secrets, newPassword: undefined }
  }
  const secrets = { healthToken: token(), metricsToken: token() }
  if (file !== undefined) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 })
  }
  return { secrets, newPassword: randomBytes(12).toString('base64url') }
}

function token(): string {
  return randomBytes(24).toString('base64url')
}
