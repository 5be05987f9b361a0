// `npm start`: sets everything up and runs the demo.
import './lib/require-node.mjs'
import('./lib/start-demo.mjs')
