import { createServer } from 'node:http'
import express from 'express'
import { listenForHarness } from '../harness/process.mjs'
import { routes } from './shared.mjs'

const app = express()
routes(app)
listenForHarness(createServer(app))
