// `node scripts/regexes.mjs [folder]`: whether every regular expression below it takes linear time; the tests ask so too.
import './lib/require-node.mjs'
import('./lib/run-regexes.mjs')
