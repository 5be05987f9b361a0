import { Failure } from '../lib/failure.mjs'
import { slowRegexes } from './slow-regexes.mjs'

/** Every regular expression takes time in proportion to its input, whatever that is (CWE-1333). */
export const regexes = {
  title: 'Regular expressions',
  async run() {
    const { slow } = await slowRegexes()
    if (slow.length > 0) throw new Failure(slow.join('\n'))
  },
}
