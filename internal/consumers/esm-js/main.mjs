import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { requestContext } from '@hardening/core'
import express from 'express'

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url)))
const ours = Object.keys(manifest.dependencies).filter((name) => name.startsWith('@hardening/'))
for (const name of ours) assert.ok(Object.keys(await import(name)).length > 0, `${name} exports nothing`)

const app = express()
app.use(requestContext())
app.get('/hello/:name', (req, res) => res.json({ hello: req.params.name }))

const server = app.listen(0, '127.0.0.1', async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/hello/you`, {
    headers: { 'X-Request-Id': 'from-a-consumer' },
  })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('x-request-id'), 'from-a-consumer')
  assert.deepEqual(await response.json(), { hello: 'you' })
  server.close()
})
