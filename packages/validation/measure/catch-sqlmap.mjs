// Lets sqlmap attack a server that answers nothing of interest, and writes down what it sent: one JSON line a request.
// usage: node catch-sqlmap.mjs <output.jsonl> [--tampers]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [output, mode] = process.argv.slice(2)
if (output === undefined) throw new Error('usage: node catch-sqlmap.mjs <output.jsonl> [--tampers]')
const tamperFolder = '/usr/share/sqlmap/tamper'
// These change headers, or wrap the value for one product.
const others = new Set(['__init__', 'xforwardedfor', 'varnish', 'luanginx'])

let tamper = ''
const server = createServer((req, res) => {
  const query = (req.url ?? '').split('?')[1] ?? ''
  if (query.startsWith('id=')) appendFileSync(output, `${JSON.stringify({ tamper, raw: query.slice(3) })}\n`)
  res.setHeader('content-type', 'text/html')
  res.end(`<html><body>${query === 'id=1' ? 'one' : 'two'}</body></html>`)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}/p?id=1`

async function attack(extra) {
  const folder = mkdtempSync(join(tmpdir(), 'sqlmap-'))
  const fixed = ['-u', url, '--batch', '-p', 'id', '--technique', 'BEUSTQ', '--flush-session', '--output-dir', folder]
  await once(spawn('sqlmap', [...fixed, ...extra], { stdio: 'ignore' }), 'exit')
  rmSync(folder, { recursive: true, force: true })
}

if (mode === '--tampers') {
  const names = readdirSync(tamperFolder).filter((name) => name.endsWith('.py'))
  for (const name of names.map((file) => file.slice(0, -3)).filter((file) => !others.has(file))) {
    tamper = name
    await attack(['--level', '2', '--risk', '2', '--tamper', name])
  }
} else await attack(['--level', '5', '--risk', '3'])
server.close()
