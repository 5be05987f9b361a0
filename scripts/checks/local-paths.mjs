import { homedir } from 'node:os'
import { Failure } from '../lib/failure.mjs'
import { root } from '../lib/root.mjs'
import { trackedLines } from './tracked-files.mjs'

const ofSomebody = /(?<![\w/.:])\/(?:home|Users)\/(?!user\/|node\/|app\/|you\/)[a-z][\w.-]*\//
const here = [root, `${homedir()}/`].filter((path) => path.split('/').filter(Boolean).length > 1)

/** No file that git tracks names a folder of the machine it was written on. */
export const localPaths = {
  title: 'No paths of one machine',
  async run() {
    const found = []
    for await (const { path, number, text } of trackedLines()) {
      if (ofSomebody.test(text) || here.some((folder) => text.includes(folder)))
        found.push(`${path}:${number}: ${text.trim()}`)
    }
    if (found.length > 0) throw new Failure(found.join('\n'))
  },
}
