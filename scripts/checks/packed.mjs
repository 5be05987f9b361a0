import { packAll } from '../lib/pack.mjs'
import { Failure } from '../lib/failure.mjs'
import { forEach, tool } from './tool.mjs'

let tarballs

/** Packs all packages, for the checks after it. */
export const pack = {
  title: 'Build and pack',
  async run() {
    tarballs = [...(await packAll()).values()]
  },
}

// What `publint` and `attw` say is of the file that would be published, not of the folder.
export const publint = {
  title: 'Packages as they are published (publint)',
  run: () => forEach(packed(), (tarball) => tool('publint', 'run', tarball, '--strict')),
}
export const attw = {
  title: 'Types as they are published (attw)',
  run: () => forEach(packed(), (tarball) => tool('attw', '--profile', 'node16', '--format', 'ascii', tarball)),
}

function packed() {
  if (!tarballs) throw new Failure('The packages could not be packed.')
  return tarballs
}
