// What the guards cost a request, ours against helmet and cors; and how much memory an upload of 50 MB takes.
// node benchmarks/suites/security.mjs [cycles]        (build the packages first; the memory is measured on Linux alone)
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { origin } from '../contenders/shared.mjs'
import { added, printAdded } from '../harness/added.mjs'
import { compare } from '../harness/compare.mjs'
import { startContender } from '../harness/process.mjs'
import { quantile } from '../harness/statistics.mjs'

const cycles = Number(process.argv[2] ?? 40)
const ways = [
  'nothing',
  'secureHeaders',
  'corsPolicy',
  'trustedHosts',
  'csrfGuard',
  'requestLimits',
  'all five',
  'helmet',
  'helmet, cors',
  'context',
  'context, secureHeaders',
  'context, all five',
]
/** What a page of another origin sends that may: every guard has to look. */
const request =
  'POST /items/4711 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: application/json\r\n' +
  `Accept-Language: en\r\nAccept-Encoding: gzip, br\r\nOrigin: ${origin}\r\nSec-Fetch-Site: cross-site\r\n` +
  'Content-Length: 0\r\nConnection: keep-alive\r\n\r\n'
const contenders = ways.map((way) => [way, { script: 'guarded', env: { BENCH_GUARD: way }, request }])
const results = await compare(Object.fromEntries(contenders), { cycles })
const inOnePass = { 'context, secureHeaders': 'context', 'context, all five': 'context' }
const costs = added(results, 'nothing', inOnePass)
printAdded('CPU a request that guards add to bare Express', costs, [
  ['secureHeaders', 'helmet', 1],
  ['all five', 'helmet, cors', 1],
  ['context, all five', 'helmet, cors', 1 / 2],
])
const more = costs.secureHeaders.median - costs.helmet.median
console.log(`  secureHeaders over helmet: ${more.toFixed(1)} µs, below 15: ${more < 15 ? 'met' : 'missed'}`)

const file = 50 * 1024 * 1024
const piece = Buffer.alloc(65_536, 'The quick brown fox. ')

/** Sends a file of so many bytes as a form, no faster than it is taken. */
async function send(port, bytes) {
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  const client = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers, agent: false })
  const answered = once(client, 'response')
  client.write('--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\n')
  for (let left = bytes; left > 0; left -= piece.length) {
    if (!client.write(piece.subarray(0, Math.min(left, piece.length)))) await once(client, 'drain')
  }
  client.end('\r\n--x--\r\n')
  const [response] = await answered
  let text = ''
  for await (const chunk of response) text += chunk
  if (response.statusCode !== 200 || JSON.parse(text).size !== bytes) throw new Error(`${response.statusCode} ${text}`)
}

/** Megabytes that the process grows by, at most, while it receives the file; and the time on a core that it takes. */
async function upload(way) {
  const script = new URL('../contenders/upload.mjs', import.meta.url).pathname
  const folder = mkdtempSync(join(tmpdir(), 'bench-upload-'))
  const server = await startContender(script, { env: { BENCH_UPLOAD: way, BENCH_FOLDER: folder } })
  try {
    // So that code and buffers that stay are there before.
    for (let round = 0; round < 5; round++) await send(server.port, 1_000_000)
    const before = server.residentBytes()
    let most = before
    const watch = setInterval(() => (most = Math.max(most, server.residentBytes())), 2)
    const cpu = []
    for (let round = 0; round < 3; round++) {
      const start = server.cpuNanoseconds()
      await send(server.port, file)
      cpu.push((server.cpuNanoseconds() - start) / 1e6)
    }
    clearInterval(watch)
    return { grown: (most - before) / 1024 / 1024, ms: quantile(cpu, 0.5) }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

console.log()
console.log('An upload of 50 MB: growth of resident memory, and time on a core')
for (const way of ['uploads', 'multer, disk', 'multer, memory']) {
  const { grown, ms } = await upload(way)
  const goal = way === 'uploads' ? `; below 32 MB: ${grown < 32 ? 'met' : 'missed'}` : ''
  console.log(`  ${way.padEnd(22)} ${grown.toFixed(1).padStart(6)} MB, ${ms.toFixed(0)} ms${goal}`)
}
