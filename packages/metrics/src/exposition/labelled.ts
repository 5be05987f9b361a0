import type { Registry } from 'prom-client'
import { registerFamily, type Family, type Series } from './family.js'
import { LabelSet } from './label-set.js'

/** What a labelled metric is made of. */
export interface LabelledOptions<Cell> {
  readonly name: string
  readonly help: string
  readonly type: Family['type']
  readonly labels: readonly string[]
  /** Series at most; what comes after them is counted under labels that all are `other`. */
  readonly maxSeries: number
  readonly make: () => Cell
  readonly value: (cell: Cell) => Series['value']
  /** Runs before the series are read: for what is not told of but has to be looked up. */
  readonly refresh?: (() => void) | undefined
}

const longestValue = 120
const mostRecent = 4

interface Recent<Cell> {
  readonly first: string
  readonly second: string | undefined
  readonly third: string | undefined
  readonly fourth: string | undefined
  readonly cell: Cell
}

/** A metric whose number of series is bounded, whatever its labels are made from. */
export class Labelled<Cell> {
  readonly #options: LabelledOptions<Cell>
  readonly #cells = new Map<string, { readonly labels: LabelSet; readonly cell: Cell }>()
  /** What was asked for in the last while: mostly it is asked for again. */
  readonly #recent: Recent<Cell>[] = []
  #oldest = 0

  constructor(factory: string, registry: Registry, options: LabelledOptions<Cell>) {
    this.#options = options
    const { name, help, type, value, refresh } = options
    const cells = this.#cells
    function* series(): Generator<Series> {
      refresh?.()
      for (const { labels, cell } of cells.values()) yield { labels, value: value(cell) }
    }
    registerFamily(factory, registry, { name, help, type, series, reset: () => this.#clear() })
  }

  #clear(): void {
    this.#cells.clear()
    this.#recent.length = 0
    this.#oldest = 0
  }

  /** What is kept under these values, in the order of the labels' names: four at most. */
  with(first: string, second?: string, third?: string, fourth?: string): Cell {
    const recent = this.#recent
    for (let at = 0; at < recent.length; at++) {
      const known = recent[at] as Recent<Cell>
      if (first === known.first && second === known.second && third === known.third && fourth === known.fourth)
        return known.cell
    }
    const values = [first, second, third, fourth].slice(0, this.#options.labels.length)
    const cell = this.#find(values as string[])
    recent[this.#oldest] = { first, second, third, fourth, cell }
    this.#oldest = (this.#oldest + 1) % mostRecent
    return cell
  }

  #find(values: readonly string[]): Cell {
    const key = values.length === 1 ? (values[0] as string) : values.join('\u0000')
    const found = this.#cells.get(key)
    if (found !== undefined) return found.cell
    const { labels, maxSeries, make } = this.#options
    const isOther = values.every((value) => value === 'other')
    if (this.#cells.size >= maxSeries && !isOther) return this.#find(values.map(() => 'other'))
    const pairs = labels.map((name, at): [string, string] => [name, (values[at] ?? '').slice(0, longestValue)])
    // Two values that are alike at their start would be one series twice.
    const label = pairs.map(([, value]) => value).join('\u0000')
    if (label !== key) return this.#find(pairs.map(([, value]) => value))
    const cell = make()
    this.#cells.set(key, { labels: new LabelSet(Object.fromEntries(pairs)), cell })
    return cell
  }
}

/** A number that others read. */
export class Cell {
  value = 0
}

/** A counter with labels. */
export function counter(
  factory: string,
  registry: Registry,
  options: Pick<LabelledOptions<Cell>, 'name' | 'help' | 'labels' | 'maxSeries'>,
): Labelled<Cell> {
  return new Labelled(factory, registry, { ...options, type: 'counter', make: newCell, value: valueOf })
}

/** A gauge with labels. */
export function gauge(
  factory: string,
  registry: Registry,
  options: Pick<LabelledOptions<Cell>, 'name' | 'help' | 'labels' | 'maxSeries' | 'refresh'>,
): Labelled<Cell> {
  return new Labelled(factory, registry, { ...options, type: 'gauge', make: newCell, value: valueOf })
}

const newCell = (): Cell => new Cell()
const valueOf = (cell: Cell): number => cell.value
