import { Failure } from '../lib/failure.mjs'
import { secretIn } from './find-secrets.mjs'
import { trackedLines } from './tracked-files.mjs'

/** No file that git tracks holds a secret. The secret itself is not printed. */
export const secrets = {
  title: 'Secrets',
  async run() {
    const found = []
    for await (const { path, number, text } of trackedLines()) {
      const kind = secretIn(text)
      if (kind) found.push(`${path}:${number}: looks like a secret (${kind})`)
    }
    if (found.length > 0) throw new Failure(found.join('\n'))
  },
}
