import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freePort } from '../lib/free-port.mjs'

test('[RP-1] a free port can be listened on', async () => {
  const port = await freePort()
  const server = createServer()
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  assert.equal(server.address().port, port)
  await new Promise((resolve) => server.close(resolve))
})
