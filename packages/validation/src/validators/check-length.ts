import { integerOption, rejectUnknownOptions } from '@hardening/core'
import { fine, wrong, type Check } from './check.js'

/** What {@link checkLength} may be given. */
export interface CheckLengthOptions {
  /** Least characters. @defaultValue 1 */
  min?: number
  /** Most characters. @defaultValue 1,000 */
  max?: number
}

/** Whether a value is text of a length, counted in characters (code points), not in UTF-16 units. */
export function checkLength(value: unknown, options: CheckLengthOptions = {}): Check<string> {
  rejectUnknownOptions('checkLength', options, ['min', 'max'])
  const { min = 1, max = 1_000 } = options
  integerOption('checkLength', 'max', max, { min: integerOption('checkLength', 'min', min) })
  if (typeof value !== 'string') return wrong('invalid_type', 'must be text')
  const length = characters(value, max)
  if (length < min) return wrong('too_short', `must have at least ${min} character${min === 1 ? '' : 's'}`)
  return length > max ? wrong('too_long', `must have at most ${max} characters`) : fine(value)
}

/** Code points of a text; counted no further than it takes to know that there are more than `most`. */
export function characters(text: string, most: number): number {
  if (text.length <= most) return [...text].length
  return text.length > most * 2 ? most + 1 : [...text].length
}
