// Recall and false alarms of detection by level, on texts that were not used to build it. Nothing of them is kept here.
// Build the package first. Then: node measure.mjs [--sql caught.jsonl]... [--sql-list payloads.txt]... [--xss payloads.txt]...
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'

const { values } = parseArgs({
  options: {
    dist: { type: 'string', default: new URL('../dist/esm/index.js', import.meta.url).pathname },
    sql: { type: 'string', multiple: true, default: [] },
    'sql-list': { type: 'string', multiple: true, default: [] },
    xss: { type: 'string', multiple: true, default: [] },
    innocent: {
      type: 'string',
      multiple: true,
      default: ['/usr/share/man', '/usr/share/doc', '/usr/share/common-licenses'],
    },
    lines: { type: 'string', default: '400000' },
  },
})
const { detectSqlInjection, detectXss } = await import(values.dist)

/** Share of texts that are found up to each level. */
function measure(detect, texts) {
  const byLevel = [0, 0, 0, 0]
  let all = 0
  for (const text of texts) {
    all++
    const found = detect(text, { level: 4 })
    if (found !== undefined) for (let level = found.level; level <= 4; level++) byLevel[level - 1]++
  }
  return { all, share: byLevel.map((count) => `${((100 * count) / Math.max(all, 1)).toFixed(3)} %`) }
}

function* unique(texts) {
  const seen = new Set()
  for (const text of texts) {
    if (text === '' || seen.has(text)) continue
    seen.add(text)
    yield text
  }
}

/** Values as a server reads them; those that are only words carry no attack. */
function* caught(file) {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue
    const { raw } = JSON.parse(line)
    const text = raw.replaceAll('+', ' ').replace(/(?:%[\da-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run)
      } catch {
        return run // What is no UTF-8 reaches the detector in its encoding.
      }
    })
    if (!/^[\w-]*$/.test(text)) yield text
  }
}

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (/sqlmap|wapiti/.test(path)) continue
    if (entry.isDirectory()) yield* files(path)
    else if (entry.isFile() && !/\.(?:png|gif|jpg|pdf|ico|svg)$/.test(entry.name)) yield path
  }
}

/** Lines of honest text, without the macros of manual pages. */
function* innocent(folders, limit) {
  let left = limit
  for (const folder of folders.filter(existsSync)) {
    for (const path of files(folder)) {
      let bytes = readFileSync(path)
      if (path.endsWith('.gz')) {
        try {
          bytes = gunzipSync(bytes)
        } catch {
          continue
        }
      }
      for (const line of bytes.toString('utf8').split('\n')) {
        if (/^[.']/.test(line)) continue
        const text = line
          .replace(/\\f(?:\[\w*\]|\(..|.)/g, '')
          .replace(/\\[&-]/g, (mark) => (mark === '\\-' ? '-' : ''))
          .trim()
        if (text.length < 3 || text.length > 2000 || text.includes('\ufffd')) continue
        yield text
        if (--left === 0) return
      }
    }
  }
}

const lines = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trimEnd())
const report = (name, { all, share }) =>
  console.log(`${name.padEnd(48)} ${String(all).padStart(8)}  ${share.map((s) => s.padStart(9)).join('  ')}`)

console.log(
  `${''.padEnd(48)} ${'texts'.padStart(8)}  ${[1, 2, 3, 4].map((level) => `level ${level}`.padStart(9)).join('  ')}`,
)
for (const file of values.sql) report(`SQL found: ${file}`, measure(detectSqlInjection, unique(caught(file))))
for (const file of values['sql-list']) report(`SQL found: ${file}`, measure(detectSqlInjection, unique(lines(file))))
for (const file of values.xss) report(`XSS found: ${file}`, measure(detectXss, unique(lines(file))))
for (const folder of values.innocent) {
  const texts = [...unique(innocent([folder], Number(values.lines)))]
  report(`SQL false alarms: ${folder}`, measure(detectSqlInjection, texts))
  report(`XSS false alarms: ${folder}`, measure(detectXss, texts))
}
