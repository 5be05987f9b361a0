import { trimEnd } from '../../sanitize/sanitize-filename.js'
import { runnableAnywhere, runnableExtensions, typeById, type FileType } from './file-types.js'
import { refusal, type Refusal } from './refusal.js'

/** The last extension of a name, in lower case and without dot; empty where there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/**
 * What is wrong with a name whatever is in the file: a NUL or what turns the direction of writing, which show another extension
 * than there is; an extension of what runs, also before the last one, where some servers look.
 */
export function findNameRefusal(name: string, allowed: readonly FileType[]): Refusal | undefined {
  if (/[\0\u202a-\u202e\u2066-\u2069]/.test(name)) {
    return refusal('bad_name', 'has a name with characters that hide what it is')
  }
  // Windows and some servers drop what follows: `x.php.`, `x.php `, `x.php::$DATA`.
  const plain = trimEnd(name.toLowerCase().replace(/::\$data$/, ''), (code) => code === 46 || code === 32)
  const extensions = plain
    .split('.')
    .slice(1)
    // Old servers take what stands before a semicolon for the extension: `x.asp;.jpg`.
    .map((part) => (/^[^;:%]*/.exec(part) as RegExpExecArray)[0].trim())
  const last = extensions.pop() ?? ''
  if (extensions.some((extension) => runnableAnywhere.has(extension))) {
    return refusal('double_extension', 'has a second extension that could be run')
  }
  if (runnableExtensions.has(last) && !allowed.some((type) => type.extensions.includes(last))) {
    return refusal('type_not_allowed', 'is of a type that is not accepted')
  }
  return undefined
}

/** What is wrong where extension or declared type do not fit the bytes. Neither is believed; but who lies is refused. */
export function findMismatch(type: FileType, name: string, declared: string | undefined): Refusal | undefined {
  const extension = extensionOf(name)
  if (extension !== '' && !type.extensions.includes(extension)) {
    return refusal('extension_mismatch', 'has an extension that does not fit its content')
  }
  const mime = (declared ?? '').toLowerCase().split(';')[0]?.trim() ?? ''
  // Clients that do not know say these, or say nothing, which RFC 7578 section 4.4 reads as plain text.
  if (mime === '' || mime === 'application/octet-stream' || mime === 'text/plain') return undefined
  if (mime === type.mime || type.aliases.includes(mime)) return undefined
  return refusal('type_mismatch', 'is declared as another type than it is')
}

/** The type of a text, which only its extension can tell. */
export function textTypeOf(name: string): FileType {
  const extension = extensionOf(name)
  for (const type of typeById.values()) {
    if (type.family === 'text' && type.extensions.includes(extension)) return type
  }
  return typeById.get('txt') as FileType
}
