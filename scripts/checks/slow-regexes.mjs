import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { inRoot, readJson } from '../lib/root.mjs'
import { composedRegexes } from './composed-regexes.mjs'
import { regexesBuiltBy, regexesIn } from './find-regexes.mjs'

const require = createRequire(import.meta.url)
const places = ['packages', 'apps', 'internal']
const source = /^[^/]+\/(?:src|public|bin)\/(?!.*\.d\.ts$).*\.[cm]?[jt]s$/

/** How long one expression may be looked at. What cannot be told within it is not accepted. */
const timeoutMs = 60_000

/** Sources that run where a request can reach them: paths from the root. */
function sources(below) {
  return places
    .flatMap((place) =>
      readdirSync(inRoot(place), { recursive: true }).map((path) => [place, path.replaceAll('\\', '/')]),
    )
    .filter(([, path]) => source.test(path) && !path.includes('node_modules/'))
    .map(([place, path]) => `${place}/${path}`)
    .filter((path) => path.startsWith(below))
    .sort()
}

/** Every regular expression below a folder, as `{ pattern, flags, places }`, and the sources that put some together unasked. */
function allRegexes(below = '') {
  const found = new Map()
  const unknown = []
  const add = ({ pattern, flags }, path) => {
    // What was found and where does not change how long it takes.
    const plain = flags.replace(/[gyd]/g, '')
    const key = `/${pattern}/${plain}`
    const entry = found.get(key) ?? { key, pattern, flags: plain, places: new Set() }
    found.set(key, entry)
    entry.places.add(path)
  }
  for (const path of sources(below)) {
    const text = readFileSync(inRoot(path), 'utf8')
    const { whole, composed } = regexesIn(text, path)
    for (const one of whole) add(one, path)
    if (composed === 0) continue
    const known = composedRegexes[path]
    if (known === undefined) unknown.push(path)
    else for (const one of known === 'at load' ? regexesBuiltBy(text) : known) add(one, path)
  }
  return { regexes: [...found.values()], unknown }
}

/** What recheck has said before, by expression. Another version of it has a cache of its own. */
class Verdicts {
  #path
  #known

  constructor() {
    const { version } = require('recheck/package.json')
    this.#path = inRoot('node_modules/.cache/hardening', `regexes-${version}.json`)
    this.#known = this.#read()
  }

  get(key) {
    return this.#known[key]
  }

  set(key, verdict) {
    this.#known[key] = verdict
  }

  /** Puts what is new beside what others have written meanwhile. Where nothing can be written, all is asked again next time. */
  save() {
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      const temporary = join(dirname(this.#path), `${process.pid}.tmp`)
      writeFileSync(temporary, JSON.stringify({ ...this.#read(), ...this.#known }))
      renameSync(temporary, this.#path)
    } catch (error) {
      console.error(`What recheck said is not kept: ${error.message}`)
    }
  }

  #read() {
    try {
      return readJson(this.#path)
    } catch {
      return {}
    }
  }
}

/**
 * Asks recheck about every regular expression below a folder, two at a time, each once as long as it does not change.
 *
 * @returns how many there are, in which packages, and a line for each that is not linear on any input
 */
export async function slowRegexes(below = '') {
  const { check } = require('recheck')
  const { regexes, unknown } = allRegexes(below)
  const verdicts = new Verdicts()
  const queue = regexes.filter(({ key }) => verdicts.get(key) === undefined)
  const isNew = queue.length > 0
  const worker = async () => {
    for (let one; (one = queue.pop()) !== undefined;) {
      const { status, complexity } = await check(one.pattern, one.flags, { timeout: timeoutMs })
      // What took too long is asked again next time.
      if (status !== 'unknown') verdicts.set(one.key, status === 'safe' ? 'linear' : (complexity?.summary ?? status))
    }
  }
  await Promise.all([worker(), worker()])
  if (isNew) verdicts.save()
  const slow = regexes
    .filter(({ key }) => verdicts.get(key) !== 'linear')
    .map(({ key, places }) => `${[...places].join(', ')}: ${key} is ${verdicts.get(key) ?? 'not decided in a minute'}`)
  const unasked = unknown.map((path) => `${path}: puts a regular expression together; name it in composed-regexes.mjs`)
  const packages = regexes.flatMap(({ places }) => [...places].map((path) => path.split('/').slice(0, 2).join('/')))
  return { count: regexes.length, packages: [...new Set(packages)], slow: [...slow, ...unasked] }
}
