import { ConfigError } from '../errors.js'

/** A place in the value to be redacted, and what is configured for it and below it. */
export interface Place {
  readonly children: Map<string, Place>
  /** What stands behind `*`. */
  any: Place | undefined
  action: 'hide' | 'show' | undefined
}

/** The places that a property is at: more than one where a `*` and a name both fit. */
export type Places = readonly Place[]

/**
 * The tree of `hide` and `keep` paths; `undefined` where there are none.
 *
 * @throws ConfigError where a path cannot be read.
 */
export function placesOf(factory: string, hide: readonly string[], keep: readonly string[]): Places | undefined {
  const root = emptyPlace()
  keep.forEach((path, index) => add(root, stepsOf(factory, `keep[${index}]`, path), 'show'))
  hide.forEach((path, index) => add(root, stepsOf(factory, `paths[${index}]`, path), 'hide'))
  return root.children.size === 0 && root.any === undefined ? undefined : [root]
}

/** The places below `places` by way of `key`; `undefined` where nothing is configured there. */
export function placesBelow(places: Places, key: string): Places | undefined {
  let below: Place[] | undefined
  for (const { children, any } of places) {
    const named = children.get(key)
    if (named !== undefined) (below ??= []).push(named)
    if (any !== undefined) (below ??= []).push(any)
  }
  return below
}

/** What is configured for a property at `places`. Where one path hides and another keeps, it is hidden. */
export function actionAt(places: Places): 'hide' | 'show' | undefined {
  let action: 'hide' | 'show' | undefined
  for (const place of places) {
    if (place.action === 'hide') return 'hide'
    action ??= place.action
  }
  return action
}

/** A key, or `undefined` for any key. */
type Step = string | undefined

function add(root: Place, steps: readonly Step[], action: 'hide' | 'show'): void {
  let place = root
  for (const step of steps) {
    let next = step === undefined ? place.any : place.children.get(step)
    if (next === undefined) {
      next = emptyPlace()
      if (step === undefined) place.any = next
      else place.children.set(step, next)
    }
    place = next
  }
  place.action = action
}

function emptyPlace(): Place {
  return { children: new Map(), any: undefined, action: undefined }
}

// A name or `*`, after a dot unless it begins the path; or brackets around an index, `*` or a quoted name.
const STEP = /(?:^|(?<!^)\.)(?:([^.[\]"'*]+)|(\*))|\[(?:(\d+)|(\*)|"([^"]*)"|'([^']*)')\]/y

function stepsOf(factory: string, option: string, path: string): Step[] {
  const steps: Step[] = []
  let at = 0
  do {
    STEP.lastIndex = at
    const found = STEP.exec(path)
    if (found === null) throw new ConfigError(factory, option, 'a path such as `user.password` or `items[*].id`', path)
    const [, name, any, index, anyIndex, double, single] = found
    steps.push(any === undefined && anyIndex === undefined ? (name ?? index ?? double ?? single) : undefined)
    at = STEP.lastIndex
  } while (at < path.length)
  return steps
}
