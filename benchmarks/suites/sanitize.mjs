// What sanitizeHtml costs, in CPU time: text without markup, 100 KB of many shapes, a megabyte of unclosed elements.
// node benchmarks/suites/sanitize.mjs        (build the packages first)
import { sanitizeHtml } from '@hardening/validation'

const shapes = [
  '<b> <div> <p>x <p>x</p> < <a <a_ <a_href=x> </ </b> <!-- <! <? & &lt; &# <i><b> <ul><li> <script> <textarea>',
  '<a_b=" <a_b=\' <a_b=c_ <img_src=x> <b></b> <b/> " = <svg> <math> <table><tr><td> <p_style="color:red">',
  '<a_href="javascript:x"> <b_title="&amp;"> <br>',
]
  .join(' ')
  .split(' ')
  .map((shape) => shape.replaceAll('_', ' '))
const of = (shape, size) => shape.repeat(Math.ceil(size / shape.length)).slice(0, size)

function milliseconds(times, run) {
  run()
  let best = Infinity
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage()
    for (let at = 0; at < times; at++) run()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / times / 1000)
  }
  return best
}
const tell = (what, value, unit, aim) =>
  console.log(`${what.padEnd(48)} ${value.toFixed(2).padStart(9)} ${unit}   aim ${aim}`)

const prose = of('Plain prose, with a mark or two - but no markup. ', 1024)
tell('1 KB of text without markup', milliseconds(20_000, () => sanitizeHtml(prose)) * 1000, 'µs', 'a few')
for (const profile of ['none', 'inline', 'basic', 'rich']) {
  const [worst, shape] = shapes
    .map((one) => {
      const text = of(one, 100_000)
      return [milliseconds(1, () => sanitizeHtml(text, profile)), one]
    })
    .sort(([left], [right]) => right - left)[0]
  tell(`100 KB, ${profile}, worst of ${shapes.length} shapes: ${shape}`, worst, 'ms', '150')
}
for (const shape of ['<b>', '<div>', '<', '<a b="']) {
  const text = of(shape, 1_048_576)
  tell(
    `1 MB of ${shape}`,
    milliseconds(1, () => sanitizeHtml(text)),
    'ms',
    '2000',
  )
}
