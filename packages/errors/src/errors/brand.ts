/**
 * Makes `instanceof` true across copies of the package for a class of ours: an error made by the ESM copy is recognised by
 * the CommonJS one. Subclasses are told apart by their prototypes, as ever.
 */
export function brandClass(ours: { readonly prototype: object }, name: string): void {
  const brand = Symbol.for(`@hardening/errors/${name}`)
  Object.defineProperty(ours.prototype, brand, { value: true })
  Object.defineProperty(ours, Symbol.hasInstance, {
    value(this: unknown, candidate: unknown): boolean {
      if (this !== ours) return Function.prototype[Symbol.hasInstance].call(this as () => void, candidate)
      if (typeof candidate !== 'object' || candidate === null) return false
      return (candidate as Record<symbol, unknown>)[brand] === true
    },
  })
}
