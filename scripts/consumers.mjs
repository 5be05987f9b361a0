// `node scripts/consumers.mjs [name...]`: the packed packages in the projects of internal/consumers, all or those named.
import './lib/require-node.mjs'
import('./lib/run-consumers.mjs')
