import { matchesGlob } from './glob.js'

/** What has been invalidated: keys, tags, patterns, everything. */
export interface Invalidation {
  readonly kind: 'key' | 'tag' | 'pattern' | 'clear'
  readonly names: readonly string[]
  /**
   * Wall-clock milliseconds at which it was meant, where it was told late: what was written after that stays.
   * Left out where it counts from now.
   */
  readonly at?: number
}

/** When something was invalidated: by the count of this process, and by the journal's where that is known. */
interface Mark {
  generation: number
  seq: number
  /** Last place of what was told late, and the time it was meant for. */
  lateSeq?: number
  lateAt?: number
}

const maxMarks = 10_000
const maxPatterns = 100

/**
 * What this process knows to have been invalidated. Nothing is looked for and removed: what was made before an
 * invalidation is outdated when it is next looked at, so that a tag on a hundred thousand entries costs no more than one.
 */
export class Invalidations {
  /** Counts every invalidation that this process has heard of. */
  generation = 1
  readonly #keys = new Marks()
  readonly #tags = new Marks()
  #patterns: { pattern: string; mark: Mark }[] = []
  readonly #clear: Mark = { generation: 0, seq: 0 }

  /** @param seq - place in the journal; 0 where it has none yet */
  apply({ kind, names, at }: Invalidation, seq: number): void {
    const generation = ++this.generation
    if (kind === 'clear') this.clear(seq)
    else if (kind === 'pattern') {
      for (const pattern of names) this.#patterns.push({ pattern, mark: { generation, seq } })
      while (this.#patterns.length > maxPatterns) {
        const mark = (this.#patterns.shift() as { mark: Mark }).mark
        this.#keys.raiseFloor(mark)
      }
    } else for (const name of names) (kind === 'key' ? this.#keys : this.#tags).set(name, generation, seq, at)
  }

  /** Learns the place of what was applied already, or of what was before anything that is in memory here. */
  note({ kind, names, at }: Invalidation, seq: number): void {
    if (kind === 'clear') this.#clear.seq = Math.max(seq, this.#clear.seq)
    else if (kind === 'pattern') {
      for (const pattern of names) this.#patterns.push({ pattern, mark: { generation: 0, seq } })
    } else {
      const marks = kind === 'key' ? this.#keys : this.#tags
      for (const name of names) marks.set(name, marks.generationOf(name), seq, at)
    }
  }

  /** Everything is outdated. */
  clear(seq: number): void {
    this.#clear.generation = ++this.generation
    this.#clear.seq = Math.max(seq, this.#clear.seq)
  }

  /** Places of the journal mean nothing in its next life. */
  forgetJournal(): void {
    this.#clear.seq = 0
    this.#keys.forgetJournal()
    this.#tags.forgetJournal()
    for (const { mark } of this.#patterns) mark.seq = 0
  }

  raiseFloors(clear: number, tags: number): void {
    this.#clear.seq = Math.max(clear, this.#clear.seq)
    this.#tags.raiseFloor({ generation: 0, seq: tags })
  }

  /** Whether what was made when the count stood at `generation` has been invalidated since. */
  isOutdated(key: string, tags: readonly string[], generation: number): boolean {
    if (this.#clear.generation > generation || this.#keys.generationOf(key) > generation) return true
    if (tags.some((tag) => this.#tags.generationOf(tag) > generation)) return true
    return this.#patterns.some(({ pattern, mark }) => mark.generation > generation && matchesGlob(pattern, key))
  }

  /** The same, without looking at keys: what is in memory is removed when its key is invalidated. */
  isOutdatedEntry(key: string, tags: readonly string[], generation: number): boolean {
    if (this.#clear.generation > generation) return true
    if (tags.some((tag) => this.#tags.generationOf(tag) > generation)) return true
    return this.#patterns.some(({ pattern, mark }) => mark.generation > generation && matchesGlob(pattern, key))
  }

  /** Whether what was made at a place of the journal has been invalidated since, as far as this process has read it. */
  isOutdatedAt(key: string, tags: readonly string[], seq: number, at: number): boolean {
    if (this.#clear.seq > seq || this.#keys.isAfter(key, seq, at)) return true
    if (tags.some((tag) => this.#tags.seqOf(tag) > seq)) return true
    return this.#patterns.some(({ pattern, mark }) => mark.seq > seq && matchesGlob(pattern, key))
  }
}

/** A bounded map of marks: what falls out raises the floor, below which everything counts as invalidated. */
class Marks {
  readonly #marks = new Map<string, Mark>()
  readonly #floor: Mark = { generation: 0, seq: 0 }

  set(name: string, generation: number, seq: number, at?: number): void {
    const mark = this.#marks.get(name) ?? { generation, seq: 0 }
    mark.generation = generation
    if (at === undefined) mark.seq = Math.max(seq, mark.seq)
    else {
      mark.lateSeq = Math.max(seq, mark.lateSeq ?? 0)
      mark.lateAt = Math.max(at, mark.lateAt ?? 0)
    }
    this.#marks.delete(name)
    this.#marks.set(name, mark)
    if (this.#marks.size <= maxMarks) return
    const [oldest, last] = this.#marks.entries().next().value as [string, Mark]
    this.#marks.delete(oldest)
    this.raiseFloor(last)
  }

  raiseFloor({ generation, seq, lateSeq = 0 }: Mark): void {
    this.#floor.generation = Math.max(generation, this.#floor.generation)
    this.#floor.seq = Math.max(seq, lateSeq, this.#floor.seq)
  }

  forgetJournal(): void {
    this.#floor.seq = 0
    for (const mark of this.#marks.values()) mark.seq = mark.lateSeq = 0
  }

  generationOf(name: string): number {
    return this.#marks.get(name)?.generation ?? this.#floor.generation
  }

  /** Whether what was written at that place and time came before the last mark of the name. */
  isAfter(name: string, seq: number, at: number): boolean {
    const mark = this.#marks.get(name)
    if (mark === undefined) return this.#floor.seq > seq
    return mark.seq > seq || ((mark.lateSeq ?? 0) > seq && (mark.lateAt ?? 0) > at)
  }

  seqOf(name: string): number {
    return this.#marks.get(name)?.seq ?? this.#floor.seq
  }
}
