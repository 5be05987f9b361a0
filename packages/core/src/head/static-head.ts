import { validateHeaderName, validateHeaderValue } from 'node:http'
import { ConfigError } from '../errors.js'
import { oncePerPair } from '../once-per-pair.js'
import { claimName, fixName, headerName, type HeaderName } from './header-name.js'

/** Headers that never change, worked out once: what to look up, and the very text that goes on the wire. */
export interface StaticHead {
  /** Name and value by lower-case name. */
  readonly byName: ReadonlyMap<string, readonly [name: HeaderName, value: string]>
  /** `Name: value\r\n` for each. */
  readonly text: string
}

/**
 * Compiles a list of headers. A later one of the same name wins.
 *
 * @throws ConfigError where a name or value may not stand in a response.
 */
export function compileHead(factory: string, headers: readonly (readonly [string, string])[]): StaticHead {
  const byName = new Map<string, readonly [HeaderName, string]>()
  for (const [name, value] of headers) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      throw new ConfigError(factory, `headers.${name}`, 'a header that HTTP allows', value)
    }
    const known = headerName(name)
    if (!known.isPlain) throw new ConfigError(factory, `headers.${name}`, 'left to the server', value)
    claimName(known)
    fixName(known)
    byName.set(known.lower, [known, value])
  }
  return headOf(byName)
}

/** One head of two, the second winning; made once for each pair. */
export const mergeHeads: (first: StaticHead, second: StaticHead) => StaticHead = oncePerPair(
  (first: StaticHead, second: StaticHead) => headOf(new Map([...first.byName, ...second.byName])),
)

function headOf(byName: StaticHead['byName']): StaticHead {
  return { byName, text: [...byName.values()].map(([{ start }, value]) => `${start}${value}\r\n`).join('') }
}
