import { charCodeAt } from '@hardening/core'
import { WordClass, classOfWordAt } from './words.js'

// Most text is no SQL at its first or second word. These looks cost a few characters and spare it a reading.

/** Whether what stands behind a closing quote at `at` could go on a statement. */
export function mayContinue(text: string, at: number): boolean {
  const from = skipSpace(text, at)
  if (from >= text.length) return false
  const code = charCodeAt(text, from)
  if (isWordCode(code)) return classAt(text, from) !== WordClass.name
  // A value is followed by no value, and by no mark of punctuation.
  if (code >= 128) return false
  if (isDigit(code)) return isIgnoredNumber(text, from)
  if (code === 46 || code === 63 || code === 58 || code === 93 || code === 125 || code === 123) {
    return code === 58 && charCodeAt(text, from + 1) === 58
  }
  return code !== 33 || charCodeAt(text, from + 1) === 61
}

/** Whether a text could begin as a value does that a statement goes on behind, or as a statement does. */
export function mayBegin(text: string): boolean {
  const from = skipSpace(text, 0)
  const first = charCodeAt(text, from)
  if (!isWordCode(first) && !isDigit(first)) return first < 128
  let end = from
  while (end < text.length && (isWordCode(charCodeAt(text, end)) || isDigit(charCodeAt(text, end)))) end++
  const next = skipSpace(text, end)
  if (next >= text.length) return false
  if (classAt(text, from) !== WordClass.name) return true
  const code = charCodeAt(text, next)
  if (isWordCode(code)) {
    return classAt(text, next) !== WordClass.name
  }
  if (isDigit(code)) return isIgnoredNumber(text, next)
  // A name or number in front of a literal: a contraction, or a word with its quotes.
  if ((code === 39 || code === 34) && (next > end || end - from > 2) && classAt(text, from) === WordClass.name)
    return false
  if (code >= 128) return false
  return !isWeak(code) || hasStrength(text, end)
}

/** `1.e`, which MySQL overlooks. */
function isIgnoredNumber(text: string, at: number): boolean {
  return /^\d{1,9}\.e/i.test(text.slice(at, at + 12))
}

/** Marks that join numbers, dates, addresses and identifiers. */
function isWeak(code: number): boolean {
  return (code >= 43 && code <= 47) || code === 58 || code === 64 || code === 63 || code === 92 || code === 37
}

/** Whether anything but words, numbers and weak marks comes, or a comment, or a keyword behind a number. */
function hasStrength(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    const code = charCodeAt(text, at)
    if (code >= 128 || isWordCode(code) || isDigit(code) || code === 9 || code === 10 || code === 13) continue
    if (code === 32) {
      const word = skipSpace(text, at)
      if (isWordCode(charCodeAt(text, word)) && classAt(text, word) !== WordClass.name) return true
    } else if (!isWeak(code)) return true
    else if (isWordCode(charCodeAt(text, at + 1)) && classAt(text, at + 1) !== WordClass.name) return true
    else if ((code === 45 && charCodeAt(text, at + 1) === 45) || (code === 47 && charCodeAt(text, at + 1) === 42))
      return true
  }
  return false
}

function classAt(text: string, from: number): number {
  let end = from
  while (end - from < 24 && isWordCode(charCodeAt(text, end))) end++
  return classOfWordAt(text, from, end)
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && (charCodeAt(text, at) <= 32 || charCodeAt(text, at) === 0xa0)) at++
  return at
}

function isWordCode(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || code === 95
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
