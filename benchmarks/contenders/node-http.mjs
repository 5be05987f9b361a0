import { createServer } from 'node:http'
import { listenForHarness } from '../harness/process.mjs'
import { item } from './shared.mjs'

listenForHarness(
  createServer((req, res) => {
    const body = JSON.stringify(item)
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    res.setHeader('Content-Length', Buffer.byteLength(body))
    res.end(body)
  }),
)
