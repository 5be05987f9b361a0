import type { Reading } from '../detector.js'
import { Hint } from '../hints.js'
import { Mark } from '../marks.js'
import { isSensitiveFile } from '../path/sensitive.js'

function found(points: number, rule: string, fingerprint: string): Reading {
  return { points, rule, fingerprint }
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
  [/\b(?:nc|ncat|netcat)\s{1,4}-[a-z]{0,4}[ec]\s{1,4}(?:\/bin\/)?(?:ba)?sh\b/i, 5, 'shell-command'],
  [/\|\s?(?:\/\w{1,8}){0,3}\/?(?:ba|z|k|da)?sh\s{1,4}-[ic]\b/, 5, 'shell-command'],
  [/\bpython[\d.]{0,4}\s{1,4}-c\s{1,4}['"]import\s/, 5, 'shell-command'],
  [/\bfsockopen\s?\(\s?["'][\d.]{7,15}/, 5, 'shell-command'],
  [/(?:^|[;&|\s])IFS=\S/, 5, 'shell-expansion'],
  [/\bcertutil(?:\.exe)?\s{1,4}-(?:urlcache|decode)/i, 5, 'shell-cmd'],
  [/\bmshta(?:\.exe)?\s{1,4}(?:https?|javascript|vbscript):/i, 5, 'shell-cmd'],
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
  /ifs|\/dev\/|\(\) ?\{|powershell|iex|invoke|new-object|cmd|%comspec|%systemroot|sh\s{1,4}-|certutil|mshta|fsockopen|python[\d.]{0,4}\s{1,4}-c|n(?:c|cat|etcat)\s|\$\(\(|:~/i
const markHints = /\$\{\w{1,20}:\d|[;&]\s?\$|^[;&|'"\s]{1,4}\$|[;&|]\s?\$\(/
const wordHints = /(?:exec|system|passthru|popen|open|exit)\s?\(|^\/(?:usr\/)?(?:local\/)?s?bin\//i
const shellAtEnd = /sh\s{0,4}$/i

/** The most telling phrase of a shell that needs no separator in front. */
export function readPhrases(text: string, marks: number, hints: number): Reading | undefined {
  let best: Reading | undefined
  const worded = (hints & (Hint.shell | Hint.windows)) !== 0
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
  return /[;&|\r\n]\s?\w{1,20}=[^;&|\s=]{1,40}$/.test(before)
}

function matchPhrases(text: string): Reading | undefined {
  let best = isAssignedCall(text) ? found(5, 'shell-expansion', 'expansion') : undefined
  for (const [test, points, rule] of phrases) {
    if ((best === undefined || points > best.points) && test.test(text)) best = found(points, rule, rule.slice(6))
  }
  return best
}
