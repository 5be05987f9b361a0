// `npm test`: sets everything up, gets the servers, runs every test there is. `npm test -- <jest arguments>` runs fewer.
import './lib/require-node.mjs'
import('./lib/run-tests.mjs')
