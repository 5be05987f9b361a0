/** Values by name, made when first asked for; beyond the limit all names share the value of `other`. */
export class BoundedMap<Value> {
  readonly #max: number
  readonly #make: (name: string) => Value
  readonly #values = new Map<string, Value>()

  constructor(max: number, make: (name: string) => Value) {
    this.#max = max
    this.#make = make
  }

  get(name: string): Value {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    if (this.#values.size >= this.#max && name !== 'other') return this.get('other')
    const made = this.#make(name)
    this.#values.set(name, made)
    return made
  }

  values(): IterableIterator<Value> {
    return this.#values.values()
  }
}
