import { quantile } from './statistics.mjs'

/**
 * Microseconds of CPU a request that each contender takes more than `bare`: slice by slice against the bare one of the
 * same turn, so that whatever else the machine did falls on both. `beside` names for some what they stand beside.
 */
export function added(results, bare, beside = {}) {
  return Object.fromEntries(
    Object.entries(results)
      .filter(([name]) => name !== bare)
      .map(([name, { slices }]) => {
        const base = results[beside[name] ?? bare].slices
        const more = slices.map(({ cpu }, at) => cpu - base[at].cpu)
        return [name, { median: quantile(more, 0.5), low: quantile(more, 0.25), high: quantile(more, 0.75) }]
      }),
  )
}

/** Prints what each adds, and its share of another. */
export function printAdded(title, costs, goals) {
  console.log(title)
  for (const [name, { median, low, high }] of Object.entries(costs)) {
    console.log(`  ${name.padEnd(22)} ${median.toFixed(1).padStart(6)} µs (${low.toFixed(1)} to ${high.toFixed(1)})`)
  }
  for (const [name, other, most] of goals) {
    const share = costs[name].median / costs[other].median
    console.log(
      `  ${name} / ${other}: ${share.toFixed(2)}, at most ${most.toFixed(2)}: ${share <= most ? 'met' : 'missed'}`,
    )
  }
}
