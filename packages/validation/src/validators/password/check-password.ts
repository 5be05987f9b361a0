import { functionOption, rejectUnknownOptions } from '@hardening/core'
import { breachCount, type BreachRange } from './breached.js'
import {
  passwordStrength,
  strengthOptionNames,
  type PasswordStrength,
  type PasswordStrengthOptions,
} from './password-strength.js'

/** What {@link checkPassword} may be given. */
export interface CheckPasswordOptions extends PasswordStrengthOptions {
  /** Where to ask for breached passwords: {@link pwnedPasswords} or one's own. @defaultValue none: not asked */
  breached?: BreachRange
}

/** {@link PasswordStrength} with what is known of breaches. */
export interface CheckedPassword extends PasswordStrength {
  /** In how many breaches it was seen; `undefined` where nobody was asked or the service did not answer. */
  readonly breaches: number | undefined
  /** Whether the service was asked and did not answer: the password was then judged without it. */
  readonly breachCheckFailed: boolean
}

/**
 * {@link passwordStrength}, and whether the password is known from breaches. Only the first 5 digits of its SHA-1 leave the
 * process. A service that fails never stands between a user and a new password: see `breachCheckFailed`.
 */
export async function checkPassword(password: string, options: CheckPasswordOptions = {}): Promise<CheckedPassword> {
  rejectUnknownOptions('checkPassword', options, [...strengthOptionNames, 'breached'])
  const { breached, ...rest } = options
  const strength = passwordStrength(password, rest)
  const asked = { ...strength, breaches: undefined, breachCheckFailed: false }
  // What is refused anyway need not be asked about.
  if (breached === undefined || !strength.acceptable) return asked
  functionOption('checkPassword', 'breached', breached)
  let breaches: number
  try {
    breaches = await breachCount(password, breached)
  } catch {
    return { ...asked, breachCheckFailed: true }
  }
  if (breaches === 0) return { ...asked, breaches }
  return {
    ...asked,
    breaches,
    acceptable: false,
    reasons: [{ code: 'breached', message: 'is known from a breach of another service' }],
    suggestions: ['Choose one that you have used nowhere else.'],
  }
}
