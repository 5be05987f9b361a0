import { claimName, headerName, isSameName, lowerCase, type HeaderName } from './header-name.js'
import { mergeHeads, type StaticHead } from './static-head.js'
import { varyingNothing, type Varying } from './varying.js'

/** Headers of the toolkit for one response: seen by the application as if set, written in one piece. */
export class ResponseHead {
  #static: StaticHead | undefined
  /** Name and value in turn: shorter than a Map for the few that a response has. */
  readonly #lines: (HeaderName | string)[] = []
  #varying: Varying = varyingNothing
  #removed: Set<string> | undefined
  /** Whether the application has set a header of ours, or may have done so unseen. */
  #meets: boolean
  #meetsVary = false
  #overrides = false

  /** @param isFirst - whether the application has set nothing yet, so that all it sets will be seen */
  constructor(isFirst = false) {
    this.#meets = !isFirst
  }

  /** Whether the application may have set a header of ours. */
  get meets(): boolean {
    return this.#meets
  }

  /** Hears that the application sets a header. */
  meet(name: HeaderName): void {
    if (!name.isOurs) return
    if (name.lower === 'vary') this.#meetsVary = true
    else this.#meets = true
  }

  /** Adds headers that never change. */
  add(head: StaticHead): void {
    if (this.#removed !== undefined) for (const lower of head.byName.keys()) this.#removed.delete(lower)
    this.#static = this.#static === undefined ? head : mergeHeads(this.#static, head)
  }

  set(name: HeaderName, value: string): void {
    if (!name.isOurs) {
      // Until now nobody has looked whether the application sets it.
      claimName(name)
      this.#meets = true
    }
    if (name.isFixed) this.#overrides = true
    this.#removed?.delete(name.lower)
    const at = this.#find(name)
    if (at === -1) this.#lines.push(name, value)
    else {
      this.#lines[at] = name
      this.#lines[at + 1] = value
    }
  }

  vary(field: string): void {
    this.#removed?.delete('vary')
    this.#varying = this.#varying.with(field)
  }

  /** The value of a header of ours. */
  get(name: HeaderName): string | undefined {
    const { lower, isOurs } = name
    if (!isOurs) return undefined
    if (lower === 'vary' && this.#varying !== varyingNothing) return this.#varying.text
    const at = this.#find(name)
    if (at !== -1) return this.#lines[at + 1] as string
    const fixed = this.#static?.byName.get(lower)
    return fixed === undefined || this.#removed?.has(lower) ? undefined : fixed[1]
  }

  remove(name: HeaderName): void {
    const { lower } = name
    const at = this.#find(name)
    if (at !== -1) this.#lines.splice(at, 2)
    if (lower === 'vary') this.#varying = varyingNothing
    if (this.#static?.byName.has(lower)) (this.#removed ??= new Set()).add(lower)
  }

  /** Spelling and value of every header of ours. */
  *entries(): Generator<[name: string, value: string]> {
    for (const [lower, [name, value]] of this.#static?.byName ?? []) {
      if (!this.#removed?.has(lower) && this.#find(name) === -1) yield [name.name, value]
    }
    for (let at = 0; at < this.#lines.length; at += 2)
      yield [(this.#lines[at] as HeaderName).name, this.#lines[at + 1] as string]
    if (this.#varying !== varyingNothing) yield ['Vary', this.#varying.text]
  }

  /**
   * {@link text} for headers as an object.
   *
   * @param isKept - whether it is what Node keeps of the headers that were set, of all of which {@link meet} has heard
   */
  textBeside(theirs: Readonly<Record<string, unknown>>, isKept = false): string {
    if (this.#removed !== undefined || this.#overridesStatic() || this.#isMet(theirs, isKept))
      return this.text(Object.keys(theirs).map(lowerCase), varyIn(theirs))
    const fixed = this.#static === undefined ? '' : this.#static.text
    const lines = this.#lines
    const vary = isKept && !this.#meetsVary ? undefined : theirs['vary']
    if (lines.length === 0) return fixed + this.#varyText(vary)
    // Each piece of a text costs again when it is written: of a line there are two.
    let text = fixed + (lines[0] as HeaderName).start + (lines[1] as string)
    for (let at = 2; at < lines.length; at += 2) text += (lines[at] as HeaderName).next + (lines[at + 1] as string)
    return text + (vary === undefined ? this.#varying.next : `\r\n${this.#varyText(vary)}`)
  }

  #isMet(theirs: Readonly<Record<string, unknown>>, isKept: boolean): boolean {
    if (isKept && !this.#meets) return this.#meetsVary && this.#setsVary()
    for (const name in theirs) {
      const known = headerName(name)
      // Somebody's own object may have names as they were written.
      if (known.lower !== name || (known.isOurs && (name !== 'vary' || this.#setsVary()))) return true
    }
    return false
  }

  /** Whether `Vary` is among what is set, rather than added to. */
  #setsVary(): boolean {
    return this.#find(varyName) !== -1 || this.#static?.byName.has('vary') === true
  }

  /** Whether a fixed header has another value for this response. */
  #overridesStatic(): boolean {
    const fixed = this.#static
    if (fixed === undefined || !this.#overrides) return false
    for (let at = 0; at < this.#lines.length; at += 2)
      if (fixed.byName.has((this.#lines[at] as HeaderName).lower)) return true
    return false
  }

  /**
   * The lines to write beside what the application has set. What it has set stays: ours of the same name are left out,
   * except for `Vary`, where both hold (RFC 9110 section 12.5.5).
   *
   * @param names lower-case names that the application has set
   * @param vary its own `Vary`
   */
  text(names: ReadonlySet<string> | readonly string[], vary: string | undefined): string {
    let text = this.#staticText(names)
    for (let at = 0; at < this.#lines.length; at += 2) {
      const { lower, start } = this.#lines[at] as HeaderName
      if (!has(names, lower)) text += `${start}${this.#lines[at + 1] as string}\r\n`
    }
    return text + this.#varyText(vary)
  }

  /** @param theirs - `Vary` as Node keeps it */
  #varyText(theirs: unknown): string {
    const varying = this.#varying
    const fields = theirs === undefined ? undefined : fieldsIn(theirs)
    if (fields === undefined || varying === varyingNothing) return varying.line
    const missing = missingFields(varying.fields, fields)
    return missing.length === 0 ? '' : `Vary: ${missing.join(', ')}\r\n`
  }

  #staticText(names: ReadonlySet<string> | readonly string[]): string {
    if (this.#static === undefined) return ''
    let whole = this.#removed === undefined && !this.#overridesStatic()
    if (whole) for (const name of names) if (this.#static.byName.has(name)) whole = false
    if (whole) return this.#static.text
    let text = ''
    for (const [lower, [name, value]] of this.#static.byName) {
      if (this.#removed?.has(lower) || has(names, lower) || this.#find(name) !== -1) continue
      text += `${name.start}${value}\r\n`
    }
    return text
  }

  /** Where the name stands among the lines; -1 where it does not. */
  #find(name: HeaderName): number {
    const lines = this.#lines
    for (let at = 0; at < lines.length; at += 2) if (isSameName(lines[at] as HeaderName, name)) return at
    return -1
  }
}

const varyName = headerName('Vary')

function has(names: ReadonlySet<string> | readonly string[], name: string): boolean {
  return Array.isArray(names) ? names.includes(name) : (names as ReadonlySet<string>).has(name)
}

/** Fields of a `Vary` as Node keeps it: text, or spelling and value side by side. */
function fieldsIn(kept: unknown): string | undefined {
  return Array.isArray(kept) ? kept.join(',') : typeof kept === 'string' ? kept : undefined
}

function varyIn(headers: Readonly<Record<string, unknown>>): string | undefined {
  const name = Object.keys(headers).find((key) => lowerCase(key) === 'vary')
  return name === undefined ? undefined : fieldsIn(headers[name])
}

function missingFields(ours: readonly string[], theirs: string): string[] {
  const set = new Set(
    theirs
      .toLowerCase()
      .split(',')
      .map((field) => field.trim()),
  )
  return set.has('*') ? [] : ours.filter((field) => !set.has(field.toLowerCase()))
}
