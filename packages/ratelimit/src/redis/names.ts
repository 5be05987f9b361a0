/** On the client, so that every copy of this package sees it. */
const namesSlot: unique symbol = Symbol.for('@hardening/ratelimit-names@1')

/** Notes that a limiter of this name uses a client; `false` where another one does already. */
export function claimName(client: object, name: string): boolean {
  const holder = client as { [namesSlot]?: Set<string> }
  if (holder[namesSlot] === undefined)
    Object.defineProperty(holder, namesSlot, { value: new Set(), configurable: true })
  const names = holder[namesSlot] as Set<string>
  if (names.has(name)) return false
  names.add(name)
  return true
}

/** Gives a name free. */
export function releaseName(client: object, name: string): void {
  ;(client as { [namesSlot]?: Set<string> })[namesSlot]?.delete(name)
}
