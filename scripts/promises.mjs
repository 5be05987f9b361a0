// `node scripts/promises.mjs [closing line]`: what the README promises about the demo, tried as a user would. The
// closing line of the tests before it, where given, is counted in.
import './lib/require-node.mjs'
import('./lib/run-promises.mjs')
