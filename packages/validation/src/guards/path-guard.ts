import { lstat, realpath } from 'node:fs/promises'
import { isAbsolute, join, normalize, resolve, sep } from 'node:path'
import { booleanOption, rejectUnknownOptions } from '@hardening/core'
import { decodePercent } from '../detect/decode/percent.js'
import { PathGuardError } from './errors.js'

/** Options of {@link pathGuard} and {@link resolveWithin}. */
export interface PathGuardOptions {
  /** Whether names that begin with a dot are allowed: `.env`, `.git/config`. @defaultValue false */
  dotfiles?: boolean
  /** Whether a backslash is allowed; Windows takes it for a separator. @defaultValue false */
  backslashes?: boolean
}

const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[. ].{0,260})?$/i

/** Characters that look like separators or dots, and that some file systems and decoders take for them. */
const lookalikes = /[\u2024\u2044\u2215\u2216\u29f8\u29f9\uff0e\uff0f\uff3c]/

/**
 * The absolute path of a file inside `root`, whatever a client named. Follows symbolic links, those of folders on the way
 * included: what they lead to has to lie inside as well. The file need not be there.
 *
 * A link that is put there between this check and the use is not seen: let nobody write where you serve from.
 *
 * @param root - the folder to stay in; it has to be there.
 * @param path - the path that the client named, relative, already decoded by the framework.
 * @throws PathGuardError `ERR_VALIDATION_PATH_GUARD`
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @example
 * res.sendFile(await pathGuard('/srv/files', req.params.name))
 */
export async function pathGuard(root: string, path: string, options?: PathGuardOptions): Promise<string> {
  const target = resolveWithin(root, path, options)
  const realRoot = await realpath(root)
  const real = await realPathOf(target)
  if (!isWithin(realRoot, real)) throw new PathGuardError('follows a link out of its folder')
  return real
}

/**
 * As {@link pathGuard}, by the names alone: synchronous, but blind for symbolic links.
 *
 * @throws PathGuardError `ERR_VALIDATION_PATH_GUARD`
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function resolveWithin(root: string, path: string, options: PathGuardOptions = {}): string {
  rejectUnknownOptions('pathGuard', options, ['dotfiles', 'backslashes'])
  const { dotfiles = false, backslashes = false } = options
  booleanOption('pathGuard', 'dotfiles', dotfiles)
  booleanOption('pathGuard', 'backslashes', backslashes)
  // What is still encoded is not decoded for use, but has to be harmless if somebody else decodes it.
  const once = decodePercent(path)
  const twice = decodePercent(once)
  for (const form of new Set([path, once, twice])) {
    const wrong = wrongWith(form, dotfiles, backslashes)
    if (wrong !== undefined) throw new PathGuardError(wrong)
  }
  const folder = resolve(root)
  const target = resolve(folder, normalize(path))
  if (!isWithin(folder, target)) throw new PathGuardError('leads out of its folder')
  return target
}

function wrongWith(path: string, dotfiles: boolean, backslashes: boolean): string | undefined {
  if (path === '') return 'is empty'
  if (path.length > 4096) return 'is too long'
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at)
    if (code < 32 || code === 127) return 'has control characters'
  }
  if (isAbsolute(path) || /^[/\\]/.test(path)) return 'is absolute'
  if (/^[a-z]:/i.test(path)) return 'names a drive'
  if (path.includes('\\') && !backslashes) return 'has backslashes'
  if (/^[a-z][a-z0-9+.-]{1,30}:\/\//i.test(path)) return 'has a scheme'
  if (lookalikes.test(path)) return 'has characters that look like separators'
  for (const segment of path.split(/[/\\]/)) {
    if (/^\.{2,}[;\s]?/.test(segment) && /^[.;\s]+$/.test(segment)) return 'leads upwards'
    if (segment.includes(':')) return 'names a stream'
    if (segment !== '.' && /[. ]$/.test(segment)) return 'has a name that ends in a dot or space'
    if (devices.test(segment)) return 'names a device'
    if (!dotfiles && segment.length > 1 && segment.startsWith('.')) return 'names a hidden file'
  }
  return undefined
}

/** The real path of what is there, and the names of what is not there behind it. */
async function realPathOf(target: string): Promise<string> {
  const missing: string[] = []
  let path = target
  for (;;) {
    try {
      return join(await realpath(path), ...missing)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ELOOP') throw new PathGuardError('follows links in a circle')
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
      if (await isLink(path)) throw new PathGuardError('follows a link that leads nowhere')
      const parent = resolve(path, '..')
      if (parent === path) return target
      missing.unshift(path.slice(parent.endsWith(sep) ? parent.length : parent.length + 1))
      path = parent
    }
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

function isWithin(root: string, target: string): boolean {
  if (target === root) return true
  return target.startsWith(root.endsWith(sep) ? root : root + sep)
}
