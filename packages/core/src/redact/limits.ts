import { integerOption, rejectUnknownOptions } from '../option.js'

/** Bounds of one call of a redactor. What lies beyond is replaced by a note such as `[too deep]`. */
export interface RedactorLimits {
  /** How many objects may stand inside one another. @defaultValue `10` */
  depth?: number
  /** How many properties of one object or entries of one map are kept. @defaultValue `200` */
  keys?: number
  /** How many items of one array or set are kept. @defaultValue `200` */
  items?: number
  /** How many characters of one text are kept. @defaultValue `10000` */
  stringLength?: number
  /** How many characters of one key are kept. @defaultValue `128` */
  keyLength?: number
  /** How many properties and items are looked at in all. @defaultValue `10000` */
  nodes?: number
  /** How many characters of text are looked at in all; with `nodes` it bounds the time. @defaultValue `200000` */
  characters?: number
}

/** @throws ConfigError */
export function resolveLimits(factory: string, limits: RedactorLimits | undefined): Required<RedactorLimits> {
  rejectUnknownOptions(factory, limits, Object.keys(BOUNDS), 'limits')
  const resolved = {} as Required<RedactorLimits>
  for (const [name, [byDefault, min, max]] of Object.entries(BOUNDS) as [keyof RedactorLimits, Bounds][]) {
    resolved[name] = integerOption(factory, `limits.${name}`, limits?.[name] ?? byDefault, { min, max })
  }
  return resolved
}

type Bounds = readonly [byDefault: number, min: number, max: number]

const BOUNDS: Readonly<Record<keyof RedactorLimits, Bounds>> = {
  // A stack of calls is as deep as the value; 100 is safe on the smallest stack that Node starts with.
  depth: [10, 1, 100],
  keys: [200, 1, 1_000_000],
  items: [200, 1, 1_000_000],
  stringLength: [10_000, 16, 100_000_000],
  keyLength: [128, 16, 1000],
  nodes: [10_000, 1, 100_000_000],
  characters: [200_000, 16, 1_000_000_000],
}
