/** A Content-Security-Policy as an audit reads it: sources by directive, in lower case. */
export interface Policy {
  readonly directives: Map<string, Set<string>>
  /** Whether `report-uri` or `report-to` stands twice in one policy. */
  readonly repeatsReporting: boolean
}

const shortest = 'img-src'.length - 1

/**
 * Reads policies that hold together: a source counts only where all of them allow it.
 *
 * @returns `undefined` where one cannot be read
 */
export function readPolicies(texts: readonly string[]): Policy | undefined {
  const policies = texts.map(readPolicy)
  if (policies.includes(undefined)) return undefined
  const [first, ...others] = policies as Policy[]
  if (first === undefined) return { directives: new Map(), repeatsReporting: false }
  for (const other of others) {
    for (const [name, sources] of other.directives) {
      const common = [...(first.directives.get(name) ?? [])].filter((source) => sources.has(source))
      first.directives.set(name, new Set(common.length === 0 ? ["'none'"] : common))
    }
  }
  return { directives: first.directives, repeatsReporting: (policies as Policy[]).some((one) => one.repeatsReporting) }
}

function readPolicy(text: string): Policy | undefined {
  const policy = text.replaceAll(/[\r\n]/g, '').trim()
  if (policy.length < shortest) return undefined
  const directives = new Map<string, Set<string>>()
  let repeatsReporting = false
  for (const entry of policy.split(';')) {
    const [rawName = '', ...sources] = entry.trim().split(/\s+/)
    const name = rawName.toLowerCase()
    if (name === '') continue
    if (directives.has(name)) {
      if (name !== 'report-uri' && name !== 'report-to') return undefined
      repeatsReporting = true
    }
    directives.set(name, withoutNarrower(sources.map((source) => source.toLowerCase())))
  }
  return { directives, repeatsReporting }
}

const order = new Intl.Collator('en')

/** Leaves out what a shorter source before it holds already: `https://example.com/a` beside `https://example.com`. */
function withoutNarrower(sources: readonly string[]): Set<string> {
  const sorted = sources.toSorted(order.compare)
  const kept = sorted.filter((source, at) => at === 0 || !source.startsWith(sorted[at - 1] as string))
  return new Set(kept.length === 0 ? ["'none'"] : kept)
}
