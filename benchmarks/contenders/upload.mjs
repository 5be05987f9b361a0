// One way of receiving files: BENCH_UPLOAD names it, BENCH_FOLDER is where they go.
import { createServer } from 'node:http'
import express from 'express'
import { listenForHarness } from '../harness/process.mjs'

const dest = process.env.BENCH_FOLDER

const ways = {
  async uploads() {
    const { uploads } = await import('@hardening/validation')
    return uploads({ folder: dest, types: ['txt'], maxFileSize: '100mb', removeUnkept: 'always' })
  },
  async 'multer, disk'() {
    const { default: multer } = await import('multer')
    return multer({ dest }).any()
  },
  async 'multer, memory'() {
    const { default: multer } = await import('multer')
    return multer({ storage: multer.memoryStorage() }).any()
  },
}

const receive = await ways[process.env.BENCH_UPLOAD]()
const app = express()
app.post('/', receive, (req, res) => void res.json({ size: req.files[0].size }))
listenForHarness(createServer(app))
