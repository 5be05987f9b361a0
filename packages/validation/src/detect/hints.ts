import { charCodeAt } from '@hardening/core'
import { scriptSinks, trialCalls } from './html/names.js'

/** Families of words without one of which a detector has nothing to look for, as bits. */
export const Hint = {
  /** Phrases of shells. */
  shell: 1,
  /** Statements of a script that `$where` would run. */
  script: 2,
  /** Classes of Java that expressions reach. */
  java: 4,
  union: 8,
  waitfor: 16,
  prototype: 32,
  /** Names by which a script reaches a page. */
  sink: 64,
  /** Names of files that only an attacker asks for by path. */
  file: 128,
  /** Programs of Windows that only an attacker starts from a value. */
  windows: 256,
  /** The procedure of SQL Server that runs commands. */
  command: 512,
} as const

const space = 31

/** Class of each ASCII character: letters of either case, digits, white space, and the marks that hints have. */
export const gramClasses: Uint8Array = new Uint8Array(128)
for (let code = 0; code <= 32; code++) gramClasses[code] = space
for (let letter = 0; letter < 26; letter++) gramClasses[65 + letter] = gramClasses[97 + letter] = letter + 1
for (let digit = 48; digit < 58; digit++) gramClasses[digit] = 27
gramClasses[95] = 28
gramClasses[45] = 29

/** Three classes in a row make an index of fifteen bits. */
const gramMask = 0x7fff

/** Which families three characters in a row belong to, by the index of their classes. */
export const grams: Uint16Array = new Uint16Array(gramMask + 1)

/** Letters from the most to the least common in text; what is no letter is rarer than all. */
const commonLetters = 'etaoinshrdlucmfwypvbgkqjxz'

function rarity(gram: string): number {
  let sum = 0
  for (const char of gram) sum += commonLetters.includes(char) ? commonLetters.indexOf(char) : 30
  return sum
}

/** Notes the rarest three characters of each word: one pass over a text then tells which words it cannot have. */
function add(hint: number, words: Iterable<string>): void {
  for (const word of words) {
    let rarest = word.slice(0, 3)
    for (let at = 1; at + 3 <= word.length; at++) {
      const gram = word.slice(at, at + 3)
      if (rarity(gram) > rarity(rarest)) rarest = gram
    }
    let index = 0
    for (const char of rarest) index = (index << 5) | (gramClasses[charCodeAt(char, 0)] as number)
    grams[index] = (grams[index] as number) | hint
  }
}

add(
  Hint.shell,
  'ifs dev powershell iex invoke new-object cmd comspec systemroot ncat netcat exec system passthru open exit bin'.split(
    ' ',
  ),
)
add(Hint.shell, ['sh\t', 'nc\t', 'fsockopen', 'python'])
add(Hint.windows, ['powershell', 'certutil', 'mshta'])
add(Hint.script, 'return this db. sleep while var throw function'.split(' '))
add(Hint.java, 'java memberaccess ognl runtime diagnostics'.split(' '))
add(Hint.union, ['union'])
add(Hint.command, ['xp_cmdshell'])
add(Hint.waitfor, ['waitfor'])
add(Hint.prototype, ['proto'])
add(
  Hint.file,
  `etc proc var root win boot web-inf meta-inf ssh aws git svn htpasswd htaccess id_rsa wp-config bash_history env inetpub
  web global npmrc docker`.split(/\s+/),
)
add(Hint.sink, scriptSinks)
add(Hint.sink, trialCalls)
