import { integerOption, rejectUnknownOptions } from '@hardening/core'
import { fine, wrong, type Check } from './check.js'

/** What {@link checkUsername} may be given. */
export interface CheckUsernameOptions {
  /** Least characters. @defaultValue 3 */
  min?: number
  /** Most characters. @defaultValue 30 */
  max?: number
  /** Names that nobody may take, beside those that stand for the service itself. @defaultValue none */
  reserved?: readonly string[]
}

// Names that speak for the service, or that paths and mail (RFC 2142) give a meaning to.
const reservedNames: ReadonlySet<string> = new Set(
  (
    'abuse account accounts admin administrator anonymous api app auth billing blog bot contact daemon dashboard default ' +
    'deleted demo dev everyone false ftp guest help home hostmaster info root login logout mail mailer-daemon me moderator ' +
    'mod news nobody noreply no-reply null official owner postmaster public register sales security self settings signin ' +
    'signup ssl staff static status sudo superuser support sys sysadmin system team test true undefined user users ' +
    'webmaster www'
  ).split(' '),
)

/**
 * Whether a value is a user name: letters and digits of ASCII with single dots, dashes and underscores between them, so that no
 * two names look alike. Comes back in lower case; names that speak for the service (`admin`, `support` ...) are refused.
 */
export function checkUsername(value: unknown, options: CheckUsernameOptions = {}): Check<string> {
  rejectUnknownOptions('checkUsername', options, ['min', 'max', 'reserved'])
  const { min = 3, max = 30, reserved = [] } = options
  integerOption('checkUsername', 'max', max, { min: integerOption('checkUsername', 'min', min, { min: 1 }), max: 100 })
  if (typeof value !== 'string') return wrong('invalid_type', 'must be text')
  const name = value.trim().toLowerCase()
  if (name.length < min) return wrong('too_short', `must have at least ${min} characters`)
  if (name.length > max) return wrong('too_long', `must have at most ${max} characters`)
  if (!/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name)) {
    return wrong('invalid_username', 'must be letters and digits, with single dots, dashes or underscores between them')
  }
  if (/^[0-9]+$/.test(name)) return wrong('invalid_username', 'must not be a number alone')
  const bare = name.replace(/[._-]/g, '')
  if ([name, bare].some((form) => reservedNames.has(form) || reserved.some((entry) => entry.toLowerCase() === form))) {
    return wrong('reserved', 'is reserved')
  }
  return fine(name)
}
