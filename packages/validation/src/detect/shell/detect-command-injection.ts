import type { Detection, DetectOptions } from '../detection.js'
import { better, detectWith, type Detector, type Reading } from '../detector.js'
import { Hint } from '../hints.js'
import { Mark } from '../marks.js'
import { isSensitiveFile } from '../path/sensitive.js'
import { loneCommands, plainCommands, wordlyCommands } from './commands.js'

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
  #typed: boolean | undefined
  #table: boolean | undefined

  constructor(text: string) {
    this.text = text
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

  /** Whether the text is a row of a table of Markdown. */
  get isTable(): boolean {
    return (this.#table ??= isTable(this.text))
  }
}

const longestCommand = 40

/** Marks in front of the place of a command. */
const separators = Mark.separator | Mark.ampersand | Mark.newline | Mark.backtick

function readShell(text: string, marks: number, hints: number): Reading | undefined {
  const isPath = (marks & ~(Mark.slash | harmless)) === 0
  // A path or address, which names no device and no folder of programs.
  if (isPath && !text.includes('/dev/') && !text.includes('bin/') && !text.includes('/etc/') && !text.includes(' /'))
    return undefined
  let best = readPhrases(text, marks, hints)
  const substitutes = (marks & Mark.open) !== 0 && (marks & (Mark.dollar | Mark.less | Mark.other)) !== 0
  if ((marks & separators) === 0 && !substitutes) return best
  let line: Line | undefined
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    let from = -1
    let mark = ''
    if (code === 59 || code === 124 || code === 38) {
      from = at + 1
      mark = text.charAt(at)
      if (text.charCodeAt(from) === code) from++
    } else if (code === 10 || code === 13) {
      from = at + 1
      mark = 'n'
    } else if (code === 36 && text.charCodeAt(at + 1) === 40) {
      from = at + 2
      mark = '$('
    } else if ((code === 60 || code === 62) && text.charCodeAt(at + 1) === 40) {
      from = at + 2
      mark = '<('
    } else if (code === 96 && text.charCodeAt(at + 1) !== 96 && text.charCodeAt(at - 1) !== 96) {
      from = at + 1
      mark = '`'
    }
    if (from === -1) continue
    line ??= new Line(text)
    best = better(best, readCommand(line, at, from, mark))
    if (best !== undefined && best.points >= 5) return best
  }
  return best
}

function isTable(text: string): boolean {
  if (text.charCodeAt(0) !== 124 || text.charCodeAt(1) === 124) return false
  const second = text.indexOf('|', 2)
  return second !== -1 && text.indexOf('|', second + 1) !== -1
}

/** What stands in the place of a command behind a separator. */
function readCommand(line: Line, separator: number, from: number, mark: string): Reading | undefined {
  const { text } = line
  let at = from
  while (at < text.length && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++
  if (at >= text.length || isWordEnd(text.charCodeAt(at))) return undefined
  // Most words are plain, and no command.
  let plainEnd = at
  while (plainEnd < text.length && isPlainCode(text.charCodeAt(plainEnd))) plainEnd++
  if (plainEnd - at > longestCommand || (plainEnd > at && isBoundary(text, plainEnd) && !isCommand(text, at, plainEnd)))
    return undefined
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
  else points = 1
  // Code between backticks in a sentence, lines of a listing, and command lines that begin as such are talk.
  if (
    mark === '`' &&
    (separator === 0 || text.charCodeAt(separator - 1) <= 32 || text.charCodeAt(separator - 1) === 40)
  )
    points =
      separator === 0 && text.indexOf('`', from) === text.trimEnd().length - 1
        ? Math.min(points, 5)
        : Math.min(points, 3)
  else if (mark === 'n')
    points =
      separator < 80 &&
      text.length < 200 &&
      nthSpace(text, argument === 'argument' ? 6 : 1) === text.length &&
      (plain || disguised || (separator === 0 && argument === 'end'))
        ? points
        : Math.min(points, 3)
  else if (separator > line.thirdSpace || (separator > 0 && line.isTyped)) points = Math.min(points, 4)
  if (points === 5 && !plain && !disguised && argument === 'end' && isEnumerated(text, separator, end)) points = 4
  // Names of languages, types, and variables of makefiles.
  const first = text.charCodeAt(at)
  if (first >= 65 && first <= 90 && !disguised && argument !== 'argument') points = Math.min(points, 3)
  if (line.isTable) points = Math.min(points, 3)
  if (points === 4 && mark !== '`' && mark !== 'n' && isSensitiveFile(text.slice(end, end + 120))) points = 5
  return found(
    points,
    mark === '$(' || mark === '`' || mark === '<(' ? 'shell-substitution' : 'shell-command',
    `${mark}${plain ? 'c' : 'w'}`,
  )
}

/** Whether a word that is a command too stands in a list: "name; id; date". */
function isEnumerated(text: string, separator: number, end: number): boolean {
  const before = text.slice(0, separator).trimEnd()
  const after = text.slice(end).trimStart()
  return (
    (/^\w+$/.test(before) && /^[;|]\s?\w/.test(after)) ||
    (/\w\s\S/.test(before) && !/\d/.test(before)) ||
    /[;|]\s?\w+$/.test(before)
  )
}

/** Commands whose arguments are words, and that no sentence begins with behind a mark. */
const telling = new Set(['echo', 'net', 'grep', 'egrep', 'cat', 'tail', 'ps', 'expr', 'touch', 'printf'])

/** Whether a short text begins with the separator, and with no table of Markdown. */
function leads(text: string, separator: number): boolean {
  return separator < 3 && text.length < 60 && text.indexOf('|', separator + 2) === -1
}

/** A word as a shell sees it: quotes, escapes, empty expansions and its folder gone. */
function commandWord(text: string, from: number): { word: string; end: number; disguised: boolean } {
  let at = from
  let word = ''
  let disguised = false
  const braced = text.charCodeAt(at) === 123
  if (braced) at++
  while (at < text.length && at - from < 120) {
    const code = text.charCodeAt(at)
    if (isWordEnd(code)) break
    if (code === 39 || code === 34) {
      if (text.charCodeAt(at + 1) === code || (word !== '' && isWordCode(text.charCodeAt(at + 1)))) disguised = true
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
      const second = text.charCodeAt(at + 1)
      if (second === 64 || second === 42 || (second >= 48 && second <= 57)) {
        disguised = word !== ''
        at += 2
      } else break
    } else {
      word += text.charAt(at)
      at++
    }
  }
  const base = baseOf(word)
  if (/[?*[]/.test(base) && word.includes('/') && /^[\w.?*[\]-]{2,12}$/.test(base))
    return { word: 'sh', end: at, disguised: true }
  if (braced && text.charCodeAt(at) === 44) disguised = true
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
  return at >= text.length || isWordEnd(text.charCodeAt(at)) || text.charCodeAt(at) === 61
}

function isCommand(text: string, from: number, to: number): boolean {
  const word = text.slice(from, to).toLowerCase()
  return plainCommands.has(word) || wordlyCommands.has(word)
}

function isWordCode(code: number): boolean {
  const lower = code | 32
  return (lower >= 97 && lower <= 122) || code === 39 || code === 34
}

function baseOf(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1).toLowerCase()
}

function argumentAfter(text: string, end: number): 'end' | 'argument' | 'prose' {
  let at = end
  while (at < text.length && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++
  if (at >= text.length) return 'end'
  const head = text.slice(at, at + 60)
  if (/^<\s?[>/]/.test(head)) return 'argument'
  if (/^[`);|&#'"<>\n\r]/.test(head)) return 'end'
  if (/^(?:[-+/~.$*@%{]|\\|\d|https?:|\w:\\)/.test(head)) return 'argument'
  // One word with a dot, a slash or an equals sign is a file, a host or a setting.
  if (/^[\w-]+[./:=@][\w/\\]/.test(head)) return 'argument'
  const word = /^[\w-]+/.exec(head)?.[0] ?? ''
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
  return !disguised && (plainCommands.has(word) || wordlyCommands.has(word))
}

const phrases: readonly (readonly [test: RegExp, points: number, rule: string])[] = [
  [/\$\{?IFS\b/i, 5, 'shell-expansion'],
  [/\/dev\/(?:tcp|udp)\/[\w.]/i, 5, 'shell-redirection'],
  [/\(\)\s?\{\s?[:_\w]{0,8}\s?;\s?\}\s?;/, 5, 'shell-function'],
  [/\bpowershell(?:\.exe)?\s{1,4}-(?:e|c|n|w|ex|f)/i, 5, 'shell-powershell'],
  [/\b(?:IEX|Invoke-Expression)\s?\(/i, 5, 'shell-powershell'],
  [/\bNew-Object\s{1,4}(?:System\.)?Net\.(?:WebClient|Sockets)/i, 5, 'shell-powershell'],
  [/\bcmd(?:\.exe)?\s{1,4}\/[ckr]\b/i, 5, 'shell-cmd'],
  [/%(?:COMSPEC|SYSTEMROOT)(?::~[\d,-]{1,8})?%/i, 5, 'shell-cmd'],
  [/\b(?:bash|sh|zsh|ksh)\s{1,4}-(?:i|c)\b/i, 4.5, 'shell-command'],
  [/\b(?:nc|ncat|netcat)\s{1,4}-[a-z]{0,4}[elc]/i, 4.5, 'shell-command'],
  [/\$\{\w{1,20}:\d{1,3}:\d{1,3}\}/, 5, 'shell-expansion'],
  [/%\w{3,20}:~-?\d{1,3}/, 5, 'shell-cmd'],
  [/^[;&|'"\s]{1,4}\$(?:\w{2,20}|\()/, 4.5, 'shell-expansion'],
  [/[;&|]\s?\$\((?:echo|cat|printf|id|ls|which)\b/, 5, 'shell-substitution'],
  [
    /^[\s;"'`)&|.\d\w]{0,4}(?:system|passthru|shell_exec|popen|proc_open|pcntl_exec|exec|exit)\s?\(\s?(?:['"`](?:\/[\w/]{1,30}\/)?(?:cat|id|ls|dir|whoami|uname|sleep|ping|echo|wget|curl|nc|sh|bash|cmd|type|net|env|set|touch)\b|md5\s?\()/i,
    5,
    'shell-code',
  ],
  [
    /^\/(?:usr\/(?:local\/)?)?s?bin\/(?:cat|id|ls|whoami|uname|wget|curl|nc|bash|sh|ps|netstat|ifconfig|who|w|ping)(?:[|;&\s]|$)/,
    4.5,
    'shell-command',
  ],
  [/\|\s?(?:ba|z|k|da)?sh\s{0,4}$/, 4, 'shell-command'],
  [/\$\(\([\d\s*+-]{3,40}\)\)/, 4, 'shell-expansion'],
]

/** What every phrase has a part of, so that most texts are looked through once. */
const hinting =
  /ifs|\/dev\/|\(\) ?\{|powershell|iex|invoke|new-object|cmd|%comspec|%systemroot|sh\s{1,4}-|n(?:c|cat|etcat)\s|\$\(\(|:~/i
const markHints = /\$\{\w{1,20}:\d|[;&]\s?\$|^[;&|'"\s]{1,4}\$|[;&|]\s?\$\(/
const wordHints = /(?:exec|system|passthru|popen|open|exit)\s?\(|^\/(?:usr\/)?(?:local\/)?s?bin\//i
const shellAtEnd = /sh\s{0,4}$/i

function readPhrases(text: string, marks: number, hints: number): Reading | undefined {
  let best: Reading | undefined
  const worded = (hints & Hint.shell) !== 0
  const marked =
    (marks & Mark.dollar) !== 0 ||
    ((marks & Mark.open) !== 0 && (marks & Mark.brace) !== 0) ||
    ((marks & Mark.colon) !== 0 && (marks & Mark.other) !== 0)
  if (
    ((worded || marked) && hinting.test(text)) ||
    ((marks & Mark.dollar) !== 0 && markHints.test(text)) ||
    (worded && wordHints.test(text)) ||
    ((marks & Mark.separator) !== 0 && shellAtEnd.test(text.slice(-8)))
  )
    best = matchPhrases(text)
  if (best !== undefined || (hints & Hint.file) === 0) return best
  const trimmed = text.slice(0, 200).trimStart()
  if (/^(?:cat|type|more|less|head|tail|rm|cp|chmod)\s/.test(trimmed) && isSensitiveFile(trimmed))
    return found(5, 'shell-command', 'w')
  return undefined
}

/** `;a=id;$a`: what was put into a variable is run by its name. */
function isAssignedCall(text: string): boolean {
  const at = text.search(/[;&]\s?\$\w/)
  if (at < 3) return false
  const before = text.slice(Math.max(0, at - 80), at).replace(/&$/, '')
  return /[;&|]\s?\w{1,20}=[^;&|\s=]{1,40}$/.test(before)
}

function matchPhrases(text: string): Reading | undefined {
  let best = isAssignedCall(text) ? found(5, 'shell-expansion', 'expansion') : undefined
  for (const [test, points, rule] of phrases) {
    if ((best === undefined || points > best.points) && test.test(text)) best = found(points, rule, rule.slice(6))
  }
  return best
}
