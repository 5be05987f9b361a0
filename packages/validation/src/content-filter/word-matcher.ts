import type { Unit } from './units.js'
import { unitsOf } from './units.js'

/** A place in a text where an entry of the list was found, in UTF-16 units. */
export interface WordMatch {
  readonly from: number
  readonly to: number
  /** The entry of the list. */
  readonly word: string
}

interface Node {
  readonly next: Map<string, Node>
  word?: string
  /** Whether more letters may follow. */
  open?: boolean
}

interface Walker {
  readonly node: Node
  /** Letters of the word so far. */
  readonly letters: number
  /** Those that stand there as themselves, or as signs, which nobody writes by chance. */
  readonly literal: number
  /** Those that stars hide. */
  readonly hidden: number
}

/**
 * Finds words of a list as whole words, so that Scunthorpe passes: contiguous, or with each letter set apart (`s h i t`). A word with
 * `*` at its end also matches with more letters behind it. The list becomes one tree; a text is walked once, and from each beginning of a
 * word no further than the longest entry, so the work grows with the text alone.
 */
export class WordMatcher {
  readonly #root: Node = { next: new Map() }
  /** Letters that a word begins with. */
  readonly #first = new Set<string>()
  #longest = 0

  constructor(words: readonly string[]) {
    for (const word of words) this.#add(word)
  }

  #add(word: string): void {
    const open = word.endsWith('*')
    let node = this.#root
    const units = lettersOf(open ? word.slice(0, -1) : word)
    for (const { letters, count } of units) {
      const key = keyOf(letters, count)
      let next = node.next.get(key)
      if (next === undefined) node.next.set(key, (next = { next: new Map() }))
      node = next
    }
    for (const letter of units[0]?.letters ?? '') this.#first.add(letter)
    node.word = word
    node.open ||= open
    this.#longest = Math.max(this.#longest, units.length)
  }

  find(text: string): WordMatch[] {
    const units = unitsOf(text)
    const matches = this.#scan(units, false)
    for (const spelled of spelledOut(units)) matches.push(...this.#scan(spelled, true))
    return matches
  }

  #scan(units: readonly Unit[], spelled: boolean): WordMatch[] {
    const matches: WordMatch[] = []
    for (let start = 0; start < units.length; start++) {
      if (isGap(units[start]) || (!spelled && isLetter(units[start - 1]))) continue
      const match = this.#walk(units, start, spelled)
      if (match === undefined) continue
      matches.push({ from: (units[start] as Unit).from, to: (units[match.end] as Unit).to, word: match.word })
      start = match.end
    }
    return matches
  }

  #walk(
    units: readonly Unit[],
    start: number,
    spelled: boolean,
  ): { readonly end: number; readonly word: string } | undefined {
    if (!this.#mayBegin(units[start] as Unit)) return undefined
    let walkers: Walker[] = [{ node: this.#root, letters: 0, literal: 0, hidden: 0 }]
    let found: { end: number; word: string } | undefined
    for (let at = start; at - start < this.#longest && at < units.length; at++) {
      const unit = units[at] as Unit
      if (isGap(unit)) break
      walkers = advance(walkers, unit, at - start)
      if (walkers.length === 0) break
      // Where letters stand apart there are no ends of words to go by, so that short ones would be found by chance.
      for (const { node, letters, literal, hidden } of walkers) {
        if (node.word === undefined || literal * 2 < letters || hidden * 2 > letters || (spelled && letters < 4))
          continue
        const end = node.open === true && !spelled ? endOfWord(units, at) : at
        if (!spelled && isLetter(units[end + 1])) continue
        found = { end, word: node.word }
      }
    }
    return found
  }

  #mayBegin({ letters }: Unit): boolean {
    if (letters.length === 1) return this.#first.has(letters)
    for (const letter of letters) if (this.#first.has(letter)) return true
    return false
  }
}

/** Runs of letters that each stand alone (`s h i t`, `s.h.i.t`), put together; the same letter twice counts as a double one. */
function spelledOut(units: readonly Unit[]): Unit[][] {
  const runs: Unit[][] = []
  let run: Unit[] = []
  let last = -2
  for (let at = 0; at < units.length; at++) {
    if (!isAlone(units, at)) continue
    if (at !== last + 2) run = []
    if (run.length === 0) runs.push(run)
    const unit = units[at] as Unit
    const before = run.at(-1)
    if (before !== undefined && before.letters === unit.letters && before.kind === unit.kind) {
      before.count++
      before.to = unit.to
    } else run.push({ ...unit })
    last = at
  }
  return runs.filter((each) => each.length > 2)
}

/** The places in the tree that one more unit leads to; each place once, so their number is bounded by the tree. */
function advance(walkers: readonly Walker[], unit: Unit, taken: number): Walker[] {
  const reached = new Map<Node, Walker>()
  const reach = (node: Node | undefined, from: Walker, letters: number, literal: number, hidden: number): void => {
    if (node === undefined || (reached.get(node)?.literal ?? -1) >= from.literal + literal) return
    reached.set(node, {
      node,
      letters: from.letters + letters,
      literal: from.literal + literal,
      hidden: from.hidden + hidden,
    })
  }
  for (const walker of walkers) {
    if (unit.kind === 'hidden') {
      // A star hides one letter each, never the first.
      if (taken === 0 || unit.count > 3) continue
      for (const node of hiddenBehind(walker.node, unit.count)) reach(node, walker, unit.count, 0, unit.count)
      continue
    }
    for (const letter of unit.letters) {
      for (let count = 1; count <= Math.min(unit.count, 3); count++) {
        const node = walker.node.next.get(keyOf(letter, count))
        // Two of a letter may be another word (shiitake), unless an ending follows; from three on somebody draws it out.
        if (count < unit.count && unit.count < 3 && node?.open !== true) continue
        reach(node, walker, count, unit.kind === 'digit' ? 0 : count, 0)
      }
    }
  }
  return [...reached.values()]
}

function hiddenBehind(node: Node, letters: number): Node[] {
  let nodes = [node]
  for (let hidden = 0; hidden < letters; hidden++) nodes = nodes.flatMap((each) => [...each.next.values()])
  return nodes
}

function keyOf(letter: string, count: number): string {
  return count === 1 ? letter : `${letter}${Math.min(count, 3)}`
}

/** The letters of an entry of the list. */
function lettersOf(word: string): Unit[] {
  return unitsOf(word).filter((unit) => unit.kind !== 'gap')
}

function isLetter(unit: Unit | undefined): boolean {
  return unit?.kind === 'letter'
}

function isGap(unit: Unit | undefined): boolean {
  return unit === undefined || unit.kind === 'gap'
}

/** Whether a unit is one character with no letter on either side. */
function isAlone(units: readonly Unit[], at: number): boolean {
  const unit = units[at]
  return unit !== undefined && !isGap(unit) && unit.count === 1 && isGap(units[at - 1]) && isGap(units[at + 1])
}

const longestEnding = 20

function endOfWord(units: readonly Unit[], at: number): number {
  let end = at
  while (end - at < longestEnding && isLetter(units[end + 1])) end++
  return end
}
