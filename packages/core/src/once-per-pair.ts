/**
 * `make`, called once for each pair of objects and remembered for as long as both live. The pair of the last call, which
 * for most servers is that of all calls, is known without a look-up.
 */
export function oncePerPair<First extends object, Second extends object, Result extends object>(
  make: (first: First, second: Second) => Result,
): (first: First, second: Second) => Result {
  const made = new WeakMap<First, WeakMap<Second, Result>>()
  let lastFirst: First | undefined
  let lastSecond: Second | undefined
  let last: Result | undefined
  return (first, second) => {
    if (last !== undefined && first === lastFirst && second === lastSecond) return last
    let ofFirst = made.get(first)
    if (ofFirst === undefined) made.set(first, (ofFirst = new WeakMap()))
    let result = ofFirst.get(second)
    if (result === undefined) ofFirst.set(second, (result = make(first, second)))
    lastFirst = first
    lastSecond = second
    return (last = result)
  }
}
