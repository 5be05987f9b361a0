// Texts of others, for measuring: what independent tools send, and what people wrote who thought of no detector.
// Nothing of them is kept here. Each text belongs to one of two halves by its hash: detection may be improved on the
// development half; figures are published of the checking half, which nobody looks at.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Whether a text belongs to the half that is only measured. */
export function isChecking(text) {
  return (createHash('sha256').update(text).digest()[0] & 1) === 1
}

export function* ofHalf(texts, half) {
  const seen = new Set()
  for (const text of texts) {
    if (text === '' || seen.has(text)) continue
    seen.add(text)
    if (half === 'both' || isChecking(text) === (half === 'checking')) yield text
  }
}

/** The value of a parameter as a server reads it. What is no UTF-8 reaches the detector in its encoding. */
function formValue(raw) {
  return raw.replaceAll('+', ' ').replace(/(?:%[\da-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}

/** Values that `catch.mjs` caught; those that are only words, numbers or a web address carry no attack of any kind. */
export function* caught(file) {
  if (!existsSync(file)) return
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue
    const text = formValue(JSON.parse(line).raw)
    if (!/^[\w .-]*$|^https?:\/\/[\w.:/?=%&-]*$/.test(text) && !text.includes('\u0003')) yield text
  }
}

/** Lines of a list of payloads. Marks and words alone are seeds for other tools, no attacks. */
export function* listed(file) {
  if (!existsSync(file)) return
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const text = line.replace(/\r$/, '').replace('{FILE}', 'etc/passwd')
    if (!text.startsWith('# ') && /\w/.test(text) && /\W/.test(text)) yield text
  }
}

function* files(folder, fits, avoid, depth = Infinity) {
  if (!existsSync(folder) || depth < 1) return
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (avoid.test(path)) continue
    if (entry.isDirectory()) yield* files(path, fits, avoid, depth - 1)
    else if (entry.isFile() && fits(entry.name)) yield path
  }
}

function read(path) {
  try {
    const bytes = readFileSync(path)
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch {
    return ''
  }
}

const usable = (text) => text.length > 2 && text.length < 4000 && !/[\ufffd\0]/.test(text)

function* units(text, unit) {
  const parts = text.split(unit === 'paragraph' ? /\n\s*\n/ : '\n')
  for (const part of parts) {
    const trimmed = part.trim()
    if (usable(trimmed) && (unit !== 'paragraph' || trimmed.includes('\n'))) yield trimmed
  }
}

/** A manual page without the commands of its type-setting. */
const plainManual = (text) =>
  text
    .replace(/^[.'].*$/gm, '')
    .replace(/\\f(?:\[\w*\]|\(..|.)/g, '')
    .replace(/\\\((?:aq|cq|oq)/g, "'")
    .replace(/\\\((?:lq|rq|dq)/g, '"')
    .replace(/\\(?:[&%|^]|\*\(..)/g, '')
    .replace(/\\([-e ])/g, (_, mark) => (mark === 'e' ? '\\' : mark))

/** The translated messages of a catalogue of GNU gettext. */
function* messages(path) {
  const bytes = readFileSync(path)
  if (bytes.length < 28 || bytes.readUInt32LE(0) !== 0x950412de) return
  const count = bytes.readUInt32LE(8)
  const table = bytes.readUInt32LE(16)
  for (let at = 1; at < count; at++) {
    const length = bytes.readUInt32LE(table + at * 8)
    const from = bytes.readUInt32LE(table + at * 8 + 4)
    for (const form of bytes.toString('utf8', from, from + length).split('\0')) yield form
  }
}

// Tools that attack, and what is written about attacks, are no honest text.
const avoided = /sqlmap|wapiti|wfuzz|dirb|xss|injection|sanitize|clamav|[/.]cache\/|fast-check|hardening/i
const anything = () => true
const ofType =
  (...types) =>
  (name) =>
    types.includes(extname(name))

const sources = {
  'manual pages in 25 languages, by line': () => text('/usr/share/man', anything, 'line', plainManual),
  'manual pages, by paragraph': () => text('/usr/share/man', anything, 'paragraph', plainManual),
  'documentation of Debian packages, by line': () =>
    text('/usr/share/doc', (name) => !/\.(?:png|gif|jpg|pdf|ico|svg|html?)$/.test(name), 'line'),
  'documentation of Debian packages, by paragraph': () =>
    text('/usr/share/doc', (name) => !/\.(?:png|gif|jpg|pdf|ico|svg|html?)$/.test(name), 'paragraph'),
  'messages of programs in many languages': catalogues,
  'READMEs of npm packages, by line': () => text('node_modules/.pnpm', ofType('.md'), 'line'),
  'READMEs of npm packages, by paragraph': () => text('node_modules/.pnpm', ofType('.md'), 'paragraph'),
  'sources of npm packages, by line': () => text('node_modules/.pnpm', ofType('.js', '.ts', '.mjs'), 'line'),
  'sources of Python packages, by line': () => text('/usr/lib/python3', ofType('.py'), 'line'),
  'sources of Perl modules, by line': () => text('/usr/share/perl', ofType('.pm', '.pl', '.pod'), 'line'),
  'sources of Perl packages, by line': () => text('/usr/share/perl5', ofType('.pm', '.pl', '.pod'), 'line'),
  'headers of C, by line': () => text('/usr/include', ofType('.h'), 'line', (whole) => whole, 1),
  'GNU info manuals, by line': () => text('/usr/share/info', (name) => name.endsWith('.gz'), 'line'),
  'GNU info manuals, by paragraph': () => text('/usr/share/info', (name) => name.endsWith('.gz'), 'paragraph'),
  'entries of ISO 639, 3166, 4217 and 15924': () => text('/usr/share/iso-codes/json', ofType('.json'), 'line'),
  'words and names': () => lists(['/usr/share/dict', '/usr/share/wfuzz/wordlist/general', '/usr/share/zoneinfo']),
  'examples of standards': () =>
    text(new URL('.', import.meta.url).pathname, (name) => name === 'standards.txt', 'line'),
}

function* text(folder, fits, unit, plain = (whole) => whole, depth = Infinity) {
  for (const path of files(folder, fits, avoided, depth)) yield* units(plain(read(path)), unit)
}

function* catalogues() {
  for (const path of files('/usr', ofType('.mo'), avoided))
    for (const message of messages(path)) if (usable(message)) yield message.trim()
}

function* lists(folders) {
  for (const folder of folders)
    for (const path of files(folder, anything, /sqlmap/)) {
      if (folder.endsWith('zoneinfo')) yield path.slice(folder.length + 1)
      else for (const line of read(path).split('\n')) if (usable(line)) yield line.trim()
    }
}

/** Names of all honest sources. */
export const honestSources = Object.keys(sources)

/** Honest texts of a source, every one of them once. */
export function honest(name) {
  return sources[name]()
}

const wordlists = '/usr/share/wfuzz/wordlist'

/** Attacks of each class by where they come from. */
export function attacks(folder) {
  const found = (name) => caught(join(folder, `${name}.jsonl`))
  return {
    sql: {
      'sqlmap, level 5, risk 3': () => found('sqlmap'),
      'sqlmap, through its tampers': () => found('sqlmap-tampers'),
      'sqlmap, reading a real database': () => found('sqlmap-data'),
      'wapiti, blind': () => found('wapiti-blindsql'),
      'wfuzz, lists for SQL': () => both(`${wordlists}/Injections/SQL.txt`, `${wordlists}/vulns/sql_inj.txt`),
    },
    xss: {
      'wapiti, XSS': () => found('wapiti-xss'),
      'wfuzz, list for XSS': () => listed(`${wordlists}/Injections/XSS.txt`),
    },
    shell: { 'wapiti, commands': () => found('wapiti-exec') },
    path: {
      'wapiti, files': () => found('wapiti-file'),
      'wfuzz, lists for paths': () =>
        both(
          `${wordlists}/Injections/Traversal.txt`,
          `${wordlists}/vulns/dirTraversal.txt`,
          `${wordlists}/vulns/dirTraversal-nix.txt`,
          `${wordlists}/vulns/dirTraversal-win.txt`,
        ),
    },
    template: {},
  }
}

function* both(...lists) {
  for (const list of lists) yield* listed(list)
}
