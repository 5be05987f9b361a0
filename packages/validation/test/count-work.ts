/**
 * How much of a text a function looks at: the characters that the string methods it calls pass over. Counts instead of
 * timing, so that a machine under load changes nothing.
 */
export function countWork(run: () => unknown): number {
  const proto = String.prototype
  const { charCodeAt, indexOf, includes, slice, startsWith } = proto
  let work = 0
  proto.charCodeAt = function (at) {
    work++
    return charCodeAt.call(this, at)
  }
  proto.indexOf = function (text, from = 0) {
    const found = indexOf.call(this, text, from)
    work += (found === -1 ? this.length : found) - from + 1
    return found
  }
  proto.includes = function (text, from = 0) {
    work += this.length - from
    return includes.call(this, text, from)
  }
  proto.slice = function (start, end) {
    const part = slice.call(this, start, end)
    work += part.length + 1
    return part
  }
  proto.startsWith = function (text, at) {
    work += text.length
    return startsWith.call(this, text, at)
  }
  try {
    run()
  } finally {
    Object.assign(proto, { charCodeAt, indexOf, includes, slice, startsWith })
  }
  return work
}

/** How often a function looks something up in a map. */
export function countLookUps(run: () => unknown): number {
  const proto = Map.prototype
  const { get } = proto
  let steps = 0
  proto.get = function (key: unknown) {
    steps++
    return get.call(this, key) as unknown
  }
  try {
    run()
  } finally {
    proto.get = get
  }
  return steps
}
