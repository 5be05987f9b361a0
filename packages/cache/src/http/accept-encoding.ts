import * as zlib from 'node:zlib'

/** Codings that `compress` speaks. */
export type Encoding = 'br' | 'zstd' | 'gzip'

/** Whether this Node can do zstd (22.15 and later). */
export const hasZstd: boolean = typeof (zlib as { zstdCompressSync?: unknown }).zstdCompressSync === 'function'

/** What was chosen, for each list of codings by the client's wishes. */
const known = new WeakMap<readonly Encoding[], Map<string, Encoding | undefined>>()

/**
 * The coding to answer with: of those that the client accepts the one it likes best, and of equals the first of `ours`.
 * `undefined` for none (RFC 9110 section 12.5.3).
 */
export function chooseEncoding(header: string | undefined, ours: readonly Encoding[]): Encoding | undefined {
  if (header === undefined || header === '') return undefined
  let knownHere = known.get(ours)
  if (knownHere === undefined) known.set(ours, (knownHere = new Map()))
  const before = knownHere.get(header)
  if (before !== undefined || knownHere.has(header)) return before
  const chosen = choose(header.slice(0, 1000), ours)
  // Browsers send a handful of values; what else comes is not remembered without end.
  if (knownHere.size < 200 && header.length < 200) knownHere.set(header, chosen)
  return chosen
}

function choose(header: string, ours: readonly Encoding[]): Encoding | undefined {
  const weights = new Map<string, number>()
  for (const part of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    if (name !== '' && weight >= 0 && weight <= 1) weights.set(name === 'x-gzip' ? 'gzip' : name, weight)
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0
  let best: Encoding | undefined
  for (const encoding of ours) {
    if (weightOf(encoding) > (best === undefined ? 0 : weightOf(best))) best = encoding
  }
  // A client that would rather have it as it is gets it so.
  const identity = weights.get('identity')
  return best !== undefined && identity !== undefined && identity > weightOf(best) ? undefined : best
}
