import type { Reading } from '../detector.js'

const logicWords = new Set(['or', 'and', 'xor', 'like', 'div', 'mod', 'in', 'is', 'rlike', 'regexp', 'between'])
const joiners = '-+*/%^&|=<>!~'

/**
 * Texts that are nothing but the ends of two literals and what stands between: `'-'`, `'='or'`, `a'+'b`, `'||x||'`. A
 * statement closes them on both sides, and what they compare or add up is what the statement then asks for.
 */
export function literalShape(text: string): Reading | undefined {
  const { length } = text
  if (length < 3 || length > 48) return undefined
  if (isProbe(text)) return { points: 5, rule: 'sql-expression', fingerprint: '1?' }
  const first = text.charAt(0)
  if ((first === "'" || first === '"') && text.charAt(length - 1) === first) {
    const marks = betweenQuotes(text, first)
    if (marks > 0) return { points: marks, rule: 'sql-expression', fingerprint: 'sos' }
    if (isJoined(text, first)) return { points: 5, rule: 'sql-expression', fingerprint: 'sonos' }
    return undefined
  }
  if (/^'\s?\|\|\s?'\w{1,8}$/.test(text)) return { points: 5, rule: 'sql-expression', fingerprint: 'sos' }
  return /^\w{1,16}(['"]) ?(?:\|\||[-+*^|])(?: ?[\w()]{1,16} ?(?:\|\||[-+*^|]))? ?\1\w{1,16}$/.test(text)
    ? { points: 5, rule: 'sql-expression', fingerprint: 'nosn' }
    : undefined
}

/** A number and a heap of quotes and parentheses, as tools send to see an error. */
function isProbe(text: string): boolean {
  if (text.length > 24 || !/^\d{1,9}[.,()'"]{8,14}$/.test(text)) return false
  return text.includes('(') || text.includes(')')
}

/** Points of a text of quotes, operators, digits and words of logic alone. */
function betweenQuotes(text: string, quote: string): number {
  if (text.length > 24) return 0
  let operators = 0
  let words = 0
  let inner = 0
  let spaces = 0
  for (let at = 1; at < text.length - 1; at++) {
    const char = text.charAt(at)
    if (joiners.includes(char)) operators++
    else if (char === quote) inner++
    else if (char === ' ') spaces++
    else if (isLetter(char)) {
      let end = at
      while (isLetter(text.charAt(end))) end++
      if (!logicWords.has(text.slice(at, end).toLowerCase())) return 0
      words++
      at = end - 1
    } else if (operators === 0 || char < '0' || char > '9') return 0
  }
  if (quote === '"' && words === 0 && /[%/<>~!+]/.test(text)) return 4
  if (operators > 0) return operators > 8 ? 0 : 5
  if (words === 0) return 0
  return inner > 0 || spaces > 1 ? 5 : 4
}

/** `'+name+'`, `'||user()||'`: an operator at both ends, and no sentence between. */
function isJoined(text: string, quote: string): boolean {
  const inside = text.slice(1, -1).trim()
  if (inside.length < 3 || inside.includes(quote)) return false
  const isOperator = (char: string): boolean => '+-*|&^'.includes(char)
  return (
    isOperator(inside.charAt(0)) &&
    isOperator(inside.charAt(inside.length - 1)) &&
    /^[^\w@.()]{1,3}[\w.@]{1,24}(?:\([\w@, ]{0,24}\))?[^\w@.()]{1,3}$/.test(inside)
  )
}

function isLetter(char: string): boolean {
  return (char >= 'a' && char <= 'z') || (char >= 'A' && char <= 'Z')
}
