// The routes of the cache's benchmark: bare, or behind compression and the response cache; on the kit's server or not.
import { createServer } from 'node:http'
import { compress, responseCache } from '@hardening/cache'
import { createServer as createKitServer } from '@hardening/kit'
import express from 'express'
import { listenForHarness } from '../harness/process.mjs'
import { item } from './shared.mjs'

const list = Array.from({ length: 50 }, (_, at) => ({ ...item, id: item.id + at }))
const app = express()
if (process.env.BENCH_CACHE === 'on') app.use(compress(), responseCache())
const send = (body) => (req, res) => void res.set('Cache-Control', 'public, max-age=3600').json(body)
app.get('/item', send(item))
app.get('/list', send(list))
listenForHarness(process.env.BENCH_SERVER === 'kit' ? createKitServer(app) : createServer(app))
