// Everything on. BENCH_SERVER=own keeps the user's own server.
import { createServer as createOwnServer } from 'node:http'
import express from 'express'
import { createServer } from '@hardening/kit'
import { listenForHarness } from '../harness/process.mjs'
import { protect } from './protected.mjs'
import { routes } from './shared.mjs'

const app = express()
protect(app)
routes(app)
listenForHarness(process.env.BENCH_SERVER === 'own' ? createOwnServer(app) : createServer(app))
