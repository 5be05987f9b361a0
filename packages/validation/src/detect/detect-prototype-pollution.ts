import { detectionOf, type Detection, type DetectOptions } from './detection.js'
import { detectWith, type Detector } from './detector.js'
import { dangerousKey } from './keys.js'
import { Hint } from './hints.js'
import { Mark } from './marks.js'

/** Looks for names by which a prototype is reached, as a parameter's name or inside JSON in a text. Pure and linear. */
export function detectPrototypePollution(value: string, options: DetectOptions = {}): Detection | undefined {
  const key = dangerousKey(value)
  if (key?.kind === 'prototype-pollution') return detectionOf(key.kind, key.rule, key.points, key.fingerprint, options)
  return detectWith(prototypeDetector, value, options)
}

/** {@link detectPrototypePollution} as the middleware runs it, on values. */
export const prototypeDetector: Detector = {
  kind: 'prototype-pollution',
  needs: Mark.underscore | Mark.bracket | Mark.colon,
  hints: Hint.prototype,
  read(text) {
    if (!text.includes('proto')) return undefined
    if (/__proto__["'\]]?\s?[[.:=]|["'[.]__proto__/.test(text))
      return { points: 5, rule: 'prototype-key', fingerprint: '__proto__' }
    if (/constructor["'\]]?\s?(?:\.|\[|:\s?\{)["'\s]{0,4}prototype/.test(text))
      return { points: 5, rule: 'prototype-key', fingerprint: 'constructor.prototype' }
    return undefined
  },
}
