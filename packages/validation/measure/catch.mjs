// Lets independent tools attack a server on this machine, and writes down what they sent: one JSON line a value.
// usage: node catch.mjs <output folder> [sqlmap] [sqlmap-tampers] [sqlmap-data] [wapiti]
// sqlmap-data wants Python with sqlite3: a small application that really has the hole, so that sqlmap reads its tables.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [output, ...tools] = process.argv.slice(2)
if (output === undefined) throw new Error('usage: node catch.mjs <output folder> [tool]...')
mkdirSync(output, { recursive: true })
const tamperFolder = '/usr/share/sqlmap/tamper'
// These change headers, or wrap the value for one product.
const otherTampers = new Set(['__init__', 'xforwardedfor', 'varnish', 'luanginx'])
const parameter = 'id'

/** A site of one form whose every answer is the same page; `caught` is told the raw value of its parameter. */
async function listen(caught, answer) {
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const part of req.setEncoding('latin1')) body += part
    for (const pairs of [(req.url ?? '').split('?')[1] ?? '', body])
      for (const pair of pairs.split('&'))
        if (pair.startsWith(`${parameter}=`)) caught(pair.slice(parameter.length + 1))
    res.setHeader('content-type', 'text/html')
    res.end(answer(req, body))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}/p`, close: () => server.close() }
}

async function run(command, args) {
  await once(spawn(command, args, { stdio: 'ignore' }), 'exit')
}

async function sqlmap(url, extra) {
  const folder = mkdtempSync(join(tmpdir(), 'sqlmap-'))
  const fixed = ['-u', `${url}?${parameter}=1`, '--batch', '-p', parameter, '--flush-session', '--output-dir', folder]
  await run('sqlmap', [...fixed, ...extra])
  rmSync(folder, { recursive: true, force: true })
}

/** Writes what a tool sends to a file of its own while `attack` runs. */
async function catching(name, attack) {
  const file = createWriteStream(join(output, `${name}.jsonl`))
  let note = {}
  const caught = (raw) => file.write(`${JSON.stringify({ ...note, raw })}\n`)
  await attack(caught, (next) => (note = next))
  await new Promise((resolve) => file.end(resolve))
}

const page = (req) => `<html><body>${(req.url ?? '').endsWith('=1') ? 'one' : 'two'}</body></html>`
// Wapiti tries its scripts only where its word comes back, and all of them where no mark does.
const shown = (text) => text.replace(/%[\da-f]{2}|\W/gi, '')
const contexts = (text) => `<p>${text}</p><p title="${text}">x</p><p title='${text}'>x</p><p title=${text}>x</p>
  <${text}>x</${text}><p ${text}=1>x</p><!-- ${text} --><title>${text}</title><textarea>${text}</textarea>
  <script>var a = "${text}"; var b = '${text}'</script><style>${text}</style><noscript>${text}</noscript>`
const form = `<html><body><a href="/p?${parameter}=1">x</a><form action="/p" method="post"><input name="${parameter}"></form></body></html>`

for (const tool of tools) {
  if (tool === 'sqlmap') {
    await catching(tool, async (caught) => {
      const site = await listen(caught, page)
      await sqlmap(site.url, ['--level', '5', '--risk', '3', '--technique', 'BEUSTQ'])
      site.close()
    })
  } else if (tool === 'sqlmap-tampers') {
    await catching(tool, async (caught, note) => {
      const site = await listen(caught, page)
      for (const file of readdirSync(tamperFolder).filter((name) => name.endsWith('.py'))) {
        const tamper = file.slice(0, -3)
        if (otherTampers.has(tamper)) continue
        note({ tamper })
        await sqlmap(site.url, ['--level', '2', '--risk', '2', '--technique', 'BEUSTQ', '--tamper', tamper])
      }
      site.close()
    })
  } else if (tool === 'sqlmap-data') {
    await catching(tool, async (caught, note) => {
      for (const [technique, tamper] of [['B'], ['U'], ['T'], ['S'], ['B', 'space2comment'], ['U', 'randomcase']]) {
        note({ technique, tamper })
        const script = fileURLToPath(new URL('vulnerable.py', import.meta.url))
        const child = spawn('python3', [script], { stdio: ['ignore', 'pipe', 'ignore'] })
        const lines = child.stdout.setEncoding('latin1')
        const port = await new Promise((resolve) => lines.once('data', (text) => resolve(text.trim())))
        let rest = ''
        lines.on('data', (text) => {
          const parts = (rest + text).split('\n')
          rest = parts.pop() ?? ''
          for (const part of parts) caught(part)
        })
        const extra = tamper === undefined ? [] : ['--tamper', tamper]
        const read = ['--banner', '--tables', '--columns', '--dump', '--threads', '2', '--time-sec', '1']
        await sqlmap(`http://127.0.0.1:${port}/p`, ['--technique', technique, '--level', '2', ...read, ...extra])
        child.kill()
      }
    })
  } else if (tool === 'wapiti') {
    for (const module of ['sql', 'blindsql', 'xss', 'exec', 'file', 'crlf', 'redirect']) {
      await catching(`wapiti-${module}`, async (caught) => {
        const site = await listen(
          caught,
          (req, body) => form + contexts(shown(`${(req.url ?? '').split('=')[1] ?? ''}${body.split('=')[1] ?? ''}`)),
        )
        const folder = mkdtempSync(join(tmpdir(), 'wapiti-'))
        await run('wapiti', [
          '-u',
          `${site.url}?${parameter}=1`,
          '-m',
          module,
          ...'--level 2 --flush-session --no-bugreport -d 2 -t 5 -f json'.split(' '),
          '-o',
          join(folder, 'out.json'),
          '--store-session',
          folder,
        ])
        rmSync(folder, { recursive: true, force: true })
        site.close()
      })
    }
  } else throw new Error(`unknown tool ${tool}`)
}
