import { charCodeAt } from '@hardening/core'
import type { Reading } from './detector.js'

/** Operators of MongoDB's query, update and aggregation languages that change what a filter means. */
const operators = new Set(
  `eq ne gt gte lt lte in nin and or nor not exists type expr jsonSchema mod regex options text where all elemMatch size
  comment function accumulator set unset inc push pull rename lookup merge out match group geoWithin near nearSphere`
    .split(/\s+/)
    .map((name) => `$${name}`.toLowerCase()),
)

/** Whether a word is an operator of MongoDB, `$` included, in any case. */
export function isMongoOperator(word: string): boolean {
  return operators.has(word.toLowerCase())
}

/** A reading of a key, with its kind. */
export interface KeyReading extends Reading {
  readonly kind: 'nosql-injection' | 'prototype-pollution'
}

/**
 * Judges a key of an object or the name of a parameter: operators of MongoDB (`$ne`, `a[$ne]`, `a.$where`), and the names
 * by which prototypes are reached (`__proto__`, `constructor.prototype`), in dots, brackets, or as keys themselves.
 */
export function dangerousKey(name: string): KeyReading | undefined {
  const dollar = name.indexOf('$')
  if (dollar !== -1) {
    for (let at = dollar; at !== -1; at = name.indexOf('$', at + 1)) {
      const before = charCodeAt(name, at - 1)
      if (at > 0 && before !== 91 && before !== 46) continue
      let end = at + 1
      while (end < name.length && end - at < 24 && isLetter(charCodeAt(name, end))) end++
      const word = name.slice(at, end).toLowerCase()
      const after = charCodeAt(name, end)
      if (end < name.length && after !== 93 && after !== 46 && after !== 91) continue
      if (operators.has(word)) return reading('nosql-injection', 'nosql-operator', 5, word)
      if (end > at + 1) return reading('nosql-injection', 'nosql-operator', 3, '$')
    }
  }
  if (name.includes('__proto__') && /(?:^|[[.\]"'])__proto__(?:$|[[.\]"'])/.test(name))
    return reading('prototype-pollution', 'prototype-key', 5, '__proto__')
  if (name.includes('constructor') && /constructor["'\]]*[.[]["']*prototype/.test(name))
    return reading('prototype-pollution', 'prototype-key', 5, 'constructor.prototype')
  return undefined
}

function reading(kind: KeyReading['kind'], rule: string, points: number, fingerprint: string): KeyReading {
  return { kind, rule, points, fingerprint }
}

function isLetter(code: number): boolean {
  const lower = code | 32
  return lower >= 97 && lower <= 122
}
