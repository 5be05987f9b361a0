// Lines of the report: to the terminal at once, to the file at the end.
import { cpus } from 'node:os'

export class Report {
  lines = []

  print(line = '') {
    console.log(line)
    this.lines.push(line)
  }

  table(head, rows) {
    this.print(`| ${head.join(' | ')} |`)
    this.print(`| ${head.map(() => '---').join(' | ')} |`)
    for (const row of rows) this.print(`| ${row.join(' | ')} |`)
    this.print()
  }

  head() {
    this.print('# Benchmarks')
    this.print()
    const day = new Date().toISOString().slice(0, 10)
    this.print(`${day} · ${cpus().length} × ${cpus()[0].model.trim()} · one command: \`npm run bench\``)
    this.print()
    for (const line of introduction) this.print(line)
    this.print()
  }

  figures(figures) {
    const head = ['', 'requests/s', 'CPU µs a request', 'p50 ms', 'p95 ms', 'p99 ms', 'memory MB']
    const rows = Object.entries(figures).map(([name, { rate, cpu, p50, p95, p99, residentBytes }]) => [
      name,
      Math.round(rate),
      cpu.toFixed(1),
      ...[p50, p95, p99].map((value) => value.toFixed(1)),
      Math.round(residentBytes / 1048576),
    ])
    this.table(head, rows)
  }

  /** Every run's goals side by side; the verdict is on the median of all runs. */
  goals(runs) {
    const several = runs.length > 1
    const head = [
      'ratio',
      several ? `median of ${runs.length} runs` : 'median',
      '10th to 90th',
      'by CPU',
      'gate',
      'aim',
      '',
    ]
    const rows = runs[0].map((first, at) => {
      const all = runs.map((goals) => goals[at]).sort((a, b) => a.median - b.median)
      const middle = all[Math.floor(all.length / 2)]
      const { title, median, low, high, cpu, goal: [gate, aim] = [], most } = middle
      const verdicts = new Set(all.map((one) => verdict(one)))
      const agreement = !several || gate === undefined ? '' : verdicts.size === 1 ? ', all agree' : ', they differ'
      return [
        title,
        several ? `${median.toFixed(2)} (${all.map((one) => one.median.toFixed(2)).join(', ')})` : median.toFixed(2),
        low === undefined ? '' : `${low.toFixed(2)} to ${high.toFixed(2)}`,
        cpu === undefined ? '' : cpu.toFixed(2),
        gate === undefined ? '' : most ? `at most ${gate}` : gate,
        aim ?? '',
        first.title === title ? verdict(middle) + agreement : '',
      ]
    })
    this.table(head, rows)
  }
}

/** Whether a figure has reached its gate, or its aim. `most`: it is to stay below. */
function verdict({ median, goal: [gate, aim] = [], most = false }) {
  if (gate === undefined) return ''
  const reaches = (mark) => (most ? median <= mark : median >= mark)
  return reaches(aim) ? 'aim met' : reaches(gate) ? 'gate met' : 'missed'
}

const introduction = [
  'Servers and load generator are separate processes; all contenders take turns in short slices of one run. A ratio is',
  'the median over the slices, with the 10th and 90th percentile: above 1 is faster. "By CPU" is the same from the CPU time',
  'of the servers alone, which moves less with what else the machine does. Limits are raised for all alike, so that nothing',
  'is refused, and only answers of status 200 and the right length count; in the flood it is the other way round. Servers',
  'listen as `app.listen(port)` does, on all addresses, where clients of IPv4 have addresses such as `::ffff:192.0.2.1`.',
]
