import {
  booleanOption,
  integerOption,
  middleware,
  rejectUnknownOptions,
  type RequestLike,
  type Step,
  type StepMiddleware,
} from '@hardening/core'
import { BodyShapeError } from './errors.js'
import { brokenShape, type ShapeRule } from './limits/body-shape.js'
import { refuse } from './threat.js'

/** Options of {@link bodyLimits}. */
export interface BodyLimitsOptions {
  /** Deepest nesting of objects and lists; `{}` has the depth 1. @defaultValue `32` */
  depth?: number
  /** Most keys in all objects together. @defaultValue `10_000` */
  keys?: number
  /** Most items in all lists together. @defaultValue `100_000` */
  items?: number
  /** Longest key, in characters. @defaultValue `256` */
  keyLength?: number
  /**
   * Whether keys that aim at a prototype (`__proto__`, `constructor` with `prototype`) are taken out of the body; else
   * they are refused.
   *
   * @defaultValue `false`
   */
  removePrototypeKeys?: boolean
}

/**
 * Refuses a parsed body that is nested too deeply, has too many keys or items, or keys that aim at a prototype. Stands
 * behind what parses the body; the size of the body is for {@link requestLimits}.
 *
 * @example
 * app.use(express.json(), bodyLimits({ depth: 10 }))
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 */
export function bodyLimits(options: BodyLimitsOptions = {}): StepMiddleware {
  return middleware(bodyLimitsStep(options))
}

const details: Readonly<Record<ShapeRule, string>> = {
  depth: 'The body is nested too deeply',
  keys: 'The body has too many keys',
  items: 'The body has too many items',
  'key-length': 'The body has a key that is too long',
  'prototype-key': 'The body has a key that is not allowed',
}

function bodyLimitsStep(options: BodyLimitsOptions): Step {
  const factory = 'bodyLimits'
  rejectUnknownOptions(factory, options, ['depth', 'keys', 'items', 'keyLength', 'removePrototypeKeys'])
  const { depth = 32, keys = 10_000, items = 100_000, keyLength = 256, removePrototypeKeys = false } = options
  const limits = { depth, keys, items, keyLength }
  for (const [option, value] of Object.entries(limits)) integerOption(factory, option, value, { min: 1 })
  booleanOption(factory, 'removePrototypeKeys', removePrototypeKeys)
  return {
    name: factory,
    request(exchange) {
      const rule = brokenShape((exchange.req as RequestLike & { body?: unknown }).body, limits, removePrototypeKeys)
      if (rule === undefined) return
      const score = rule === 'prototype-key' ? 5 : 3
      refuse(exchange, new BodyShapeError(details[rule]), { kind: 'limits', rule, field: 'body', score })
    },
  }
}
