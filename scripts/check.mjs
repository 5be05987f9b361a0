// `npm run check`: everything that can be said about the sources and the packages without running them.
import './lib/require-node.mjs'
import('./lib/run-checks.mjs')
