// `npm run pack -- <folder>`: every package as the file that the registry would get, to be installed from there.
import './lib/require-node.mjs'
import('./lib/run-pack.mjs')
