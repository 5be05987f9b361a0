import { charCodeAt } from '@hardening/core'
import type { Detection, DetectOptions } from '../detection.js'
import { better, detectWith, type Detector, type Reading } from '../detector.js'
import { Hint } from '../hints.js'
import { Mark } from '../marks.js'
import { isSensitiveFile } from '../path/sensitive.js'
import { commandWord, isCommand, isNoCommand } from './command-word.js'
import { loneCommands, plainCommands, wordlyCommands } from './commands.js'
import { readPhrases } from './phrases.js'

/**
 * Looks for text that a shell would run a program from: separators, substitution, pipes and redirection with a known
 * command in the place of a command, also spelt with quotes, escapes, wildcards or `$IFS`; PowerShell and `cmd`. Pure and
 * linear.
 */
export function detectCommandInjection(value: string, options: DetectOptions = {}): Detection | undefined {
  return detectWith(commandDetector, value, options)
}

/** {@link detectCommandInjection} as the middleware runs it. */
export const commandDetector: Detector = {
  kind: 'command-injection',
  needs:
    Mark.percent |
    Mark.separator |
    Mark.ampersand |
    Mark.dollar |
    Mark.backtick |
    Mark.newline |
    Mark.slash |
    Mark.open |
    Mark.less,
  alone: Hint.windows,
  read: readShell,
}

/** Marks that no phrase of a shell consists of. */
const harmless =
  Mark.space | Mark.dot | Mark.dots | Mark.colon | Mark.digit | Mark.underscore | Mark.word | Mark.quote | Mark.hash

function found(points: number, rule: string, fingerprint: string): Reading {
  return { points, rule, fingerprint }
}

/** What is known of a text as a whole, worked out once, and only where a command was found in it. */
class Line {
  readonly text: string
  #thirdSpace = -1
  #end = -1
  #typed: boolean | undefined
  #table: boolean | undefined

  readonly #mayNameFile: boolean

  constructor(text: string, hints: number) {
    this.text = text
    this.#mayNameFile = (hints & Hint.file) !== 0
  }

  /** Whether the name of a file that attackers ask for stands in what follows `from`. */
  namesFile(from: number, length: number): boolean {
    return this.#mayNameFile && isSensitiveFile(this.text.slice(from, from + length))
  }

  /** Where the third space stands: what comes behind it is part of a sentence. */
  get thirdSpace(): number {
    if (this.#thirdSpace < 0) this.#thirdSpace = nthSpace(this.text, 3)
    return this.#thirdSpace
  }

  /** Whether the text begins as a command line does. */
  get isTyped(): boolean {
    return (this.#typed ??= startsWithCommand(this.text))
  }

  /** Whether one backtick stands from `from` on, and nothing behind it. */
  isLastBacktick(from: number): boolean {
    if (this.#end < 0) this.#end = this.text.trimEnd().length
    return this.text.indexOf('`', from) === this.#end - 1
  }

  /** Whether the text is a row of a table of Markdown. */
  get isTable(): boolean {
    return (this.#table ??= isTable(this.text))
  }
}

/** Marks in front of the place of a command. */
const separators = Mark.separator | Mark.ampersand | Mark.newline | Mark.backtick

function readShell(text: string, marks: number, hints: number): Reading | undefined {
  const isPath = (marks & ~(Mark.slash | harmless)) === 0
  // A path or address, which names no device and no folder of programs.
  if (
    isPath &&
    (hints & Hint.windows) === 0 &&
    !text.includes('/dev/') &&
    !text.includes('bin/') &&
    !text.includes('/etc/') &&
    !text.includes(' /')
  )
    return undefined
  let best = readPhrases(text, marks, hints)
  const substitutes = (marks & Mark.open) !== 0 && (marks & (Mark.dollar | Mark.less | Mark.other)) !== 0
  if ((marks & separators) === 0 && !substitutes) return best
  let line: Line | undefined
  for (let at = 0; at < text.length; at++) {
    const code = charCodeAt(text, at)
    let from = -1
    let mark = ''
    if (code === 59 || code === 124 || code === 38) {
      from = at + 1
      mark = text.charAt(at)
      if (charCodeAt(text, from) === code) from++
    } else if (code === 10 || code === 13) {
      from = at + 1
      mark = 'n'
    } else if (code === 36 && charCodeAt(text, at + 1) === 40) {
      from = at + 2
      mark = '$('
    } else if ((code === 60 || code === 62) && charCodeAt(text, at + 1) === 40) {
      from = at + 2
      mark = '<('
    } else if (code === 96 && charCodeAt(text, at + 1) !== 96 && charCodeAt(text, at - 1) !== 96) {
      from = at + 1
      mark = '`'
    }
    if (from === -1) continue
    line ??= new Line(text, hints)
    best = better(best, readCommand(line, at, from, mark))
    if (best !== undefined && best.points >= 5) return best
  }
  return best
}

function isTable(text: string): boolean {
  if (charCodeAt(text, 0) !== 124 || charCodeAt(text, 1) === 124) return false
  const second = text.indexOf('|', 2)
  return second !== -1 && text.indexOf('|', second + 1) !== -1
}

/** What stands in the place of a command behind a separator. */
function readCommand(line: Line, separator: number, from: number, mark: string): Reading | undefined {
  const { text } = line
  let at = from
  while (at < text.length && (charCodeAt(text, at) === 32 || charCodeAt(text, at) === 9)) at++
  if (isNoCommand(text, at)) return undefined
  const { word, end, disguised } = commandWord(text, at)
  if (word === '') return undefined
  const plain = plainCommands.has(word)
  if (!plain && !wordlyCommands.has(word)) return undefined
  const argument = argumentAfter(text, end)
  let points: number
  if (disguised) points = 5
  else if (plain) points = argument === 'prose' ? 4 : 5
  else if (argument === 'argument') points = 5
  else if (argument === 'end') points = loneCommands.has(word) ? 5 : 3
  else if (telling.has(word) && leads(text, separator)) points = 5
  else if (line.namesFile(end, 80) || (word.startsWith('net') && netCommand.test(text.slice(at, end + 16)))) points = 5
  else points = 1
  const appended = isAppended(text, separator)
  if (appended && (points === 4 || (points === 1 && echoing.has(word)))) points = 5
  // Code between backticks in a sentence, lines of a listing, and command lines that begin as such are talk.
  if (
    mark === '`' &&
    (separator === 0 || charCodeAt(text, separator - 1) <= 32 || charCodeAt(text, separator - 1) === 40)
  )
    points = separator === 0 && line.isLastBacktick(from) ? Math.min(points, 5) : Math.min(points, 3)
  else if (mark === 'n') {
    const listed =
      separator < 80 &&
      text.length < 200 &&
      nthSpace(text, argument === 'argument' ? 6 : 1) === text.length &&
      (plain || disguised || (separator === 0 && argument === 'end'))
    if (!listed && !(appended && spacesBehind(text, at) < 7)) points = Math.min(points, 3)
  } else if (separator > line.thirdSpace || (separator > 0 && line.isTyped)) points = Math.min(points, 4)
  if (points === 5 && !plain && !disguised && argument === 'end' && isEnumerated(text, separator, end)) points = 4
  // Names of languages, types, and variables of makefiles.
  const first = charCodeAt(text, at)
  if (first >= 65 && first <= 90 && !disguised && argument !== 'argument') points = Math.min(points, 3)
  // The address of a variable.
  if (mark === '&' && argument === 'end' && /[(,=]/.test(text.charAt(separator - 1))) points = Math.min(points, 3)
  if (line.isTable) points = Math.min(points, 3)
  if (points === 4 && mark !== '`' && mark !== 'n' && line.namesFile(end, 120)) points = 5
  return found(
    points,
    mark === '$(' || mark === '`' || mark === '<(' ? 'shell-substitution' : 'shell-command',
    `${mark}${plain ? 'c' : 'w'}`,
  )
}

/** Whether a word that is a command too stands in a list: "name; id; date". */
function isEnumerated(text: string, separator: number, end: number): boolean {
  const before = text.slice(Math.max(0, separator - 200), separator).trimEnd()
  const after = text.slice(end, end + 40).trimStart()
  return (
    (/^\w+$/.test(before) && /^[;|]\s?\w/.test(after)) ||
    (/\w\s\S/.test(before) && !/\d/.test(before)) ||
    /[;|]\s?\w+$/.test(before.slice(-32))
  )
}

/** `net user` and its like, which no sentence has behind a mark. */
const netCommand = /^net1?\s{1,4}(?:user|localgroup|view|use|share|group|start|accounts)\b/i

/** Commands whose arguments are words, and which nobody names behind a value. */
const echoing = new Set(['echo', 'grep', 'egrep', 'ps', 'expr', 'touch', 'printf', 'ping'])

/** Whether a separator stands behind one value, such as a form has, in a short text: a number, a file, a host, a quote. */
function isAppended(text: string, separator: number): boolean {
  if (text.length > 120 || separator > 48) return false
  const before = text
    .slice(0, separator)
    .replace(/[;&|\s]{1,4}$/, '')
    .trim()
  return before === '' ? separator < 3 : /[\d.'"]/.test(before) && /^[\w.:@/'")-]{1,40}$/.test(before)
}

/** White space runs from `at` to the end that something follows. */
function spacesBehind(text: string, at: number): number {
  return text.slice(at).trim().split(/\s+/).length - 1
}

/** Commands whose arguments are words, and that no sentence begins with behind a mark. */
const telling = new Set(['echo', 'grep', 'egrep', 'cat', 'tail', 'ps', 'expr', 'touch', 'printf'])

/** Whether a short text begins with the separator, and with no table of Markdown. */
function leads(text: string, separator: number): boolean {
  return separator < 3 && text.length < 60 && text.indexOf('|', separator + 2) === -1
}

function argumentAfter(text: string, end: number): 'end' | 'argument' | 'prose' {
  let at = end
  while (at < text.length && (charCodeAt(text, at) === 32 || charCodeAt(text, at) === 9)) at++
  if (at >= text.length) return 'end'
  const head = text.slice(at, at + 60)
  if (/^<\s?[>/]/.test(head)) return 'argument'
  if (/^[`);|&#'"<>\n\r]/.test(head)) return 'end'
  if (/^(?:[-+/~.$*@%{]|\\|\d|https?:|\w:\\)/.test(head)) return 'argument'
  // One word with a dot, a slash or an equals sign is a file, a host or a setting.
  if (/^[\w-]+[./:=@][\w/\\]/.test(head)) return 'argument'
  const word = /^[\w-]+/.exec(head)?.[0] ?? ''
  // A second word that is a path: the arguments of a program.
  if (/^\s{1,3}(?:\/\w|\w:\\)/.test(head.slice(word.length))) return 'argument'
  const alone = /^\s*(?:$|[;|&`)#'"<>])/.test(head.slice(word.length))
  return alone && /[\d_-]/.test(word) ? 'argument' : 'prose'
}

/** Where the `count`th space stands; behind the end where there are fewer. */
function nthSpace(text: string, count: number): number {
  let at = -1
  for (let found = 0; found < count; found++) {
    at = text.indexOf(' ', at + 1)
    if (at === -1) return text.length
  }
  return at
}

function startsWithCommand(text: string): boolean {
  const { word, disguised } = commandWord(text, 0)
  return !disguised && isCommand(word)
}
