import { charCodeAt } from '@hardening/core'
import { plainCommands, wordlyCommands } from './commands.js'

/** A word in the place of a command. */
export interface CommandWord {
  readonly word: string
  readonly end: number
  /** Whether it was spelt so that a filter overlooks it. */
  readonly disguised: boolean
}

const longestCommand = 40

/** Whether the word at `from` is plain and no command, as most are. */
export function isNoCommand(text: string, from: number): boolean {
  if (from >= text.length || isWordEnd(charCodeAt(text, from))) return true
  let end = from
  while (end < text.length && isPlainCode(charCodeAt(text, end))) end++
  if (end - from > longestCommand) return true
  return end > from && isBoundary(text, end) && !isCommand(text.slice(from, end).toLowerCase())
}

/** Whether a word is the name of a program that attackers run. */
export function isCommand(word: string): boolean {
  return plainCommands.has(word) || wordlyCommands.has(word)
}

/** A word as a shell sees it: quotes, escapes, empty expansions and its folder gone. */
export function commandWord(text: string, from: number): CommandWord {
  let at = from
  let word = ''
  let disguised = false
  const braced = charCodeAt(text, at) === 123
  if (braced) at++
  while (at < text.length && at - from < 120) {
    const code = charCodeAt(text, at)
    if (isWordEnd(code)) break
    if (code === 39 || code === 34) {
      if (charCodeAt(text, at + 1) === code || (word !== '' && isWordCode(charCodeAt(text, at + 1)))) disguised = true
      at++
    } else if (code === 92 || code === 94) {
      if (word !== '') disguised = true
      at++
      // A folder of Windows.
      if (code === 92 && word.endsWith(':')) word = ''
    } else if (code === 36) {
      const rest = text.slice(at, at + 8).toLowerCase()
      if (rest.startsWith('${ifs}') || rest.startsWith('$ifs')) {
        return { word: baseOf(word), end: at, disguised: true }
      }
      const second = charCodeAt(text, at + 1)
      const empty = /^\$(?:\(\)|\{\w{1,8}\})/.exec(rest)
      if (empty !== null && word !== '') {
        disguised = true
        at += empty[0].length
      } else if (second === 64 || second === 42 || (second >= 48 && second <= 57)) {
        disguised = word !== ''
        at += 2
      } else break
    } else {
      const start = at++
      while (at < text.length && isPlainCode(charCodeAt(text, at))) at++
      word += text.slice(start, at)
    }
  }
  const base = baseOf(word)
  if (word.startsWith('/') && /[?*[]/.test(base) && /^[\w?*[\]-]{2,12}$/.test(base) && /[a-z?]/i.test(base))
    return { word: 'sh', end: at, disguised: true }
  if (braced && charCodeAt(text, at) === 44) disguised = true
  return { word: base, end: at, disguised: disguised && base.length > 1 }
}

/** What ends a word of a shell: white space, separators, brackets, a comma, a backtick. */
function isWordEnd(code: number): boolean {
  return (
    code <= 32 ||
    code === 59 ||
    code === 124 ||
    code === 38 ||
    code === 41 ||
    code === 60 ||
    code === 62 ||
    code === 44 ||
    code === 96
  )
}

/** What names of commands are made of. */
function isPlainCode(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 45 || code === 46 || code === 95
}

function isBoundary(text: string, at: number): boolean {
  return at >= text.length || isWordEnd(charCodeAt(text, at)) || charCodeAt(text, at) === 61
}

function isWordCode(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || code === 39 || code === 34
}

function baseOf(word: string): string {
  // Files that are no programs.
  if (word.startsWith('/') && /^\/(?:etc|var|proc|usr\/share|usr\/include)\//.test(word)) return ''
  return word.slice(word.lastIndexOf('/') + 1).toLowerCase()
}
