import { claimName, headerName, lowerCase, mergeHeads, type HeaderName, type StaticHead } from './static-head.js'

/** Headers of the toolkit for one response: seen by the application as if set, written in one piece. */
export class ResponseHead {
  #static: StaticHead | undefined
  /** Names and their values, in the same places: shorter than a Map for the few that a response has. */
  readonly #names: HeaderName[] = []
  readonly #values: string[] = []
  #varying: string[] | undefined
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
    const at = this.#find(name.lower)
    if (at === -1) {
      this.#names.push(name)
      this.#values.push(value)
    } else {
      this.#names[at] = name
      this.#values[at] = value
    }
  }

  vary(field: string): void {
    this.#removed?.delete('vary')
    if (this.#varying === undefined) this.#varying = [field]
    else if (!this.#varying.includes(field)) this.#varying.push(field)
  }

  /** The value of a header of ours. */
  get({ lower, isOurs }: HeaderName): string | undefined {
    if (!isOurs) return undefined
    if (lower === 'vary' && this.#varying !== undefined) return this.#varying.join(', ')
    const at = this.#find(lower)
    if (at !== -1) return this.#values[at]
    const fixed = this.#static?.byName.get(lower)
    return fixed === undefined || this.#removed?.has(lower) ? undefined : fixed[1]
  }

  remove(lower: string): void {
    const at = this.#find(lower)
    if (at !== -1) {
      this.#names.splice(at, 1)
      this.#values.splice(at, 1)
    }
    if (lower === 'vary') this.#varying = undefined
    if (this.#static?.byName.has(lower)) (this.#removed ??= new Set()).add(lower)
  }

  /** Spelling and value of every header of ours. */
  *entries(): Generator<[name: string, value: string]> {
    for (const [lower, [name, value]] of this.#static?.byName ?? []) {
      if (!this.#removed?.has(lower) && this.#find(lower) === -1) yield [name, value]
    }
    for (let at = 0; at < this.#names.length; at++)
      yield [(this.#names[at] as HeaderName).name, this.#values[at] as string]
    if (this.#varying !== undefined) yield ['Vary', this.#varying.join(', ')]
  }

  /**
   * {@link text} for headers as an object.
   *
   * @param isKept - whether it is what Node keeps of the headers that were set, of all of which {@link meet} has heard
   */
  textBeside(theirs: Readonly<Record<string, unknown>>, isKept = false): string {
    if (this.#removed !== undefined || this.#overridesStatic() || this.#isMet(theirs, isKept))
      return this.text(Object.keys(theirs).map(lowerCase), varyIn(theirs))
    let text = this.#static === undefined ? '' : this.#static.text
    for (let at = 0; at < this.#names.length; at++)
      text += (this.#names[at] as HeaderName).start + (this.#values[at] as string) + '\r\n'
    return this.#varying === undefined ? text : text + this.#varyText(fieldsIn(theirs['vary']))
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
    return this.#find('vary') !== -1 || this.#static?.byName.has('vary') === true
  }

  /** Whether a fixed header has another value for this response. */
  #overridesStatic(): boolean {
    const fixed = this.#static
    if (fixed === undefined || !this.#overrides) return false
    for (const { lower } of this.#names) if (fixed.byName.has(lower)) return true
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
    for (let at = 0; at < this.#names.length; at++) {
      const { lower, start } = this.#names[at] as HeaderName
      if (!has(names, lower)) text += `${start}${this.#values[at]}\r\n`
    }
    return this.#varying === undefined ? text : text + this.#varyText(vary)
  }

  #varyText(theirs: string | undefined): string {
    const varying = this.#varying as string[]
    if (theirs === undefined) {
      if (varying.length === 1) return `Vary: ${varying[0]}\r\n`
      return varying.length === 2 ? `Vary: ${varying[0]}, ${varying[1]}\r\n` : `Vary: ${varying.join(', ')}\r\n`
    }
    const missing = missingFields(varying, theirs)
    return missing.length === 0 ? '' : `Vary: ${missing.join(', ')}\r\n`
  }

  #staticText(names: ReadonlySet<string> | readonly string[]): string {
    if (this.#static === undefined) return ''
    let whole = this.#removed === undefined && !this.#overridesStatic()
    if (whole) for (const name of names) if (this.#static.byName.has(name)) whole = false
    if (whole) return this.#static.text
    let text = ''
    for (const [lower, [name, value]] of this.#static.byName) {
      if (this.#removed?.has(lower) || has(names, lower) || this.#find(lower) !== -1) continue
      text += `${name}: ${value}\r\n`
    }
    return text
  }

  #find(lower: string): number {
    for (let at = 0; at < this.#names.length; at++) if ((this.#names[at] as HeaderName).lower === lower) return at
    return -1
  }
}

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
