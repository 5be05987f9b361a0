// One way of guarding on bare Express: BENCH_GUARD names it.
import { createServer } from 'node:http'
import express from 'express'
import { listenForHarness } from '../harness/process.mjs'
import { item, origin } from './shared.mjs'

/** The guards of the toolkit, each as an application of some size has it. */
const guards = async () => {
  const { corsPolicy, csrfGuard, requestLimits, secureHeaders, trustedHosts } = await import('@hardening/security')
  return {
    secureHeaders: () => secureHeaders(),
    corsPolicy: () => corsPolicy({ origins: [origin], credentials: true }),
    trustedHosts: () => trustedHosts({ hosts: ['localhost', '.example.com'] }),
    csrfGuard: () => csrfGuard({ trustedOrigins: [origin] }),
    requestLimits: () => requestLimits(),
  }
}

const peers = {
  async helmet(app) {
    const { default: helmet } = await import('helmet')
    app.use(helmet())
  },
  async cors(app) {
    const { default: cors } = await import('cors')
    app.use(cors({ origin: [origin], credentials: true }))
  },
}

/** As in an application that has the whole toolkit: one pass, one record of the request. */
async function inOnePass(app, names) {
  const { fuse, requestContext, stepsOf } = await import('@hardening/core')
  const all = await guards()
  app.use(fuse([requestContext({ async: false }), ...names.map((name) => all[name]())].flatMap(stepsOf)))
}

const app = express()
app.disable('x-powered-by')
const [first, ...others] = (process.env.BENCH_GUARD ?? 'nothing').split(', ')
if (first === 'context') await inOnePass(app, others[0] === 'all five' ? Object.keys(await guards()) : others)
else if (first !== 'nothing') {
  const all = await guards()
  for (const name of first === 'all five' ? Object.keys(all) : [first, ...others]) {
    if (peers[name]) await peers[name](app)
    else app.use(all[name]())
  }
}
app.post('/items/:id', (req, res) => void res.json(item))
listenForHarness(createServer(app))
