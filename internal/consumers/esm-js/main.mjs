import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import express from 'express'
import { harden } from '@hardening/kit'

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url)))
const ours = Object.keys(manifest.dependencies).filter((name) => name.startsWith('@hardening/'))
for (const name of ours) assert.ok(Object.keys(await import(name)).length > 0, `${name} exports nothing`)

const app = express()
const kit = harden(app, { log: { level: 'error' } })
app.get('/hello/:name', (req, res) => res.json({ hello: req.params.name }))

const server = app.listen(0, '127.0.0.1', async () => {
  const response = await fetch(`http://127.0.0.1:${server.address().port}/hello/you`, {
    headers: { 'X-Request-Id': 'from-a-consumer' },
  })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('x-request-id'), 'from-a-consumer')
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
  assert.match(response.headers.get('ratelimit'), /r=59/)
  assert.deepEqual(await response.json(), { hello: 'you' })
  const missing = await fetch(`http://127.0.0.1:${server.address().port}/nothing`)
  assert.equal(missing.headers.get('content-type'), 'application/problem+json')
  server.close()
  await kit.close()
})
