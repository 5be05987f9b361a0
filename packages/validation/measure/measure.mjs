// Recall and false alarms of detection by class and level, on texts of others (see texts.mjs). Build the package first.
// usage: node packages/validation/measure/measure.mjs [--caught folder] [--half checking|development|both] [--most n]
//        [--only part of a name] [--show n]; only texts of the development half are ever shown.
import { parseArgs } from 'node:util'
import { attacks, honest, honestSources, ofHalf } from './texts.mjs'

const { values } = parseArgs({
  options: {
    dist: { type: 'string', default: new URL('../dist/esm/index.js', import.meta.url).pathname },
    caught: { type: 'string', default: 'caught' },
    half: { type: 'string', default: 'checking' },
    most: { type: 'string', default: '200000' },
    only: { type: 'string', default: '' },
    show: { type: 'string', default: '0' },
    level: { type: 'string', default: '1' },
  },
})
const detection = await import(values.dist)
const byClass = {
  sql: detection.detectSqlInjection,
  xss: detection.detectXss,
  shell: detection.detectCommandInjection,
  path: detection.detectPathTraversal,
  template: detection.detectTemplateInjection,
}
const others = [
  detection.detectNoSql,
  detection.detectLdapInjection,
  detection.detectXxe,
  detection.detectCrlf,
  detection.detectPrototypePollution,
]
const most = Number(values.most)
const shown = values.half === 'development' ? Number(values.show) : 0
const asked = Number(values.level)

function* sample(name) {
  // Sources are large: every nth text, spread over the whole.
  const all = [...ofHalf(honest(name), values.half)]
  const step = Math.max(1, all.length / most)
  for (let at = 0; at < all.length; at += step) yield all[Math.floor(at)]
}

const percent = (count, all) => (all === 0 ? '' : `${((100 * count) / all).toFixed(all > 5000 ? 3 : 2)} %`)
const row = (cells) => console.log(`| ${cells.join(' | ')} |`)

console.log(`Half: ${values.half}\n`)
row(['found', 'texts', 'level 1', 'level 2', 'level 3', 'level 4', 'by any at level 1'])
row(['---', '---:', '---:', '---:', '---:', '---:', '---:'])
for (const [name, places] of Object.entries(attacks(values.caught))) {
  for (const [place, texts] of Object.entries(places)) {
    if (!`${name}: ${place}`.includes(values.only)) continue
    const counts = [0, 0, 0, 0]
    let all = 0
    let any = 0
    let left = shown
    for (const text of ofHalf(texts(), values.half)) {
      all++
      const found = byClass[name](text, { level: 4 })
      const isAny =
        found?.level === 1 || [...Object.values(byClass), ...others].some((detect) => detect(text) !== undefined)
      if (isAny) any++
      for (let level = found?.level ?? 5; level <= 4; level++) counts[level - 1]++
      if ((found?.level ?? 5) > asked && left-- > 0)
        console.log(`  ${found?.level ?? '-'}${isAny ? '*' : ' '} ${JSON.stringify(text)}`)
    }
    if (all > 0) row([`${name}: ${place}`, all, ...counts.map((count) => percent(count, all)), percent(any, all)])
  }
}
console.log()
row(['false alarms', 'texts', 'level 1', 'level 2', 'level 3', 'level 4', ...Object.keys(byClass), 'others'])
row(Array.from({ length: 12 }, (_, at) => (at === 0 ? '---' : '---:')))
for (const place of honestSources) {
  if (!place.includes(values.only) || values.only.endsWith(':')) continue
  const counts = [0, 0, 0, 0]
  const classes = new Map([...Object.keys(byClass), 'others'].map((name) => [name, 0]))
  let all = 0
  let left = shown
  for (const text of sample(place)) {
    all++
    let least = 5
    const note = (name, found) => {
      if (found === undefined) return
      least = Math.min(least, found.level)
      if (found.level !== 1) return
      classes.set(name, classes.get(name) + 1)
      if (left-- > 0) console.log(`  ${found.rule} ${JSON.stringify(text.slice(0, 300))}`)
    }
    for (const [name, detect] of Object.entries(byClass)) note(name, detect(text, { level: 4 }))
    for (const detect of others) note('others', detect(text, { level: 4 }))
    for (let level = least; level <= 4; level++) counts[level - 1]++
  }
  row([place, all, ...[...counts, ...classes.values()].map((count) => percent(count, all))])
}
