import type { JobRecord } from './job-record.js'

/** Delayed jobs, the one that is due first at the top (a binary heap). */
export class DelayHeap {
  readonly #items: JobRecord[] = []

  get first(): JobRecord | undefined {
    return this.#items[0]
  }

  push(item: JobRecord): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(item, items[parent] as JobRecord)) break
      items[at] = items[parent] as JobRecord
      at = parent
    }
    items[at] = item
  }

  pop(): JobRecord | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= items.length) break
      if (child + 1 < items.length && isBefore(items[child + 1] as JobRecord, items[child] as JobRecord)) child++
      if (!isBefore(items[child] as JobRecord, last)) break
      items[at] = items[child] as JobRecord
      at = child
    }
    items[at] = last
    return top
  }
}

function isBefore(a: JobRecord, b: JobRecord): boolean {
  return a.runAt === b.runAt ? a.sequence < b.sequence : a.runAt < b.runAt
}
