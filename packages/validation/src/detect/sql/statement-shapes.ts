import type { Reading } from '../detector.js'

/**
 * Statements and ends of statements that say what they are in their first words, where a reading as the continuation of a
 * statement has nothing to compare: definitions, files, calls.
 */
const shapes: readonly RegExp[] = [
  // White space between words, or a comment in its place.
  /^\s{0,8}copy[\s/*]{1,8}\w{1,40}[\s/*]{1,8}(?:from|to)[\s/*]{1,8}(?:'|program)/i,
  /^\s{0,8}create[\s/*]{1,8}user[\s/*]{1,8}\w{1,40}[\s/*]{1,8}identified[\s/*]{1,8}by\s{1,8}['"]/i,
  /^\s{0,8}create[\s/*]{1,8}or[\s/*]{1,8}replace[\s/*]{1,8}function[\s/*]{1,8}\w{1,40}\s?\(/i,
  /^\s{0,8}grant[\s/*]{1,8}(?:connect|dba|resource|all)[\s/*]{1,8}to[\s/*]{1,8}\w{1,40}\s?;/i,
  /^\s{0,8}drop[\s/*]{1,8}\w{1,40}\s?;\s?(?:--|#)/i,
  /^\s{0,8}drop\/\*[^*]{0,40}\*\/\s?\w/i,
  /^\s{0,8}exec(?:ute)?\s?\(\s?(?:char|nchar|0x|@|concat)/i,
  /^\s{0,8}into[\s/*]{1,8}(?:out|dump)file\s{0,8}['"]/i,
  /^\s{0,8}procedure[\s/*]{1,8}analyse\s?\(/i,
  /^\s{0,8}select\s{1,8}(?:current|session|system)_user\s?;?\s{0,8}$/i,
  /^\s{0,8}select\s{1,8}0x[\da-f]{2,200}\s?;?$/i,
  /^\s{0,8}select\s{1,8}(?:substr|substring|ascii|chr|char|concat|hex|unhex|md5|mid|ord|length)\s?\(\s?(?:['"\d]|0x)/i,
  /^\s{0,8}select\s{1,8}'[^']{0,40}'\s?\|\|\s?'/i,
  /^\s{0,8}sleep\s?\(\s?\d{1,6}\s?\)\s?=\s?["']?$/i,
]

/** A statement that stands out by its first words. */
export function statementShape(text: string): Reading | undefined {
  const head = text.slice(0, 320)
  for (const test of shapes) if (test.test(head)) return { points: 5, rule: 'sql-stacked', fingerprint: 'nn' }
  return undefined
}

/** `xp_cmdshell 'dir'`, wherever it stands. */
export function commandShape(text: string): Reading | undefined {
  return /\bxp_cmdshell\b\s{0,8}['"(]/i.test(text) ? { points: 5, rule: 'sql-stacked', fingerprint: 'nns' } : undefined
}
