/** A shell that reads command lines. */
export type Shell = 'posix' | 'cmd'

/** Characters that are themselves to every shell. */
const plain = /^[\w@%+=:,./-]+$/
const plainForCmd = /^[\w@+=:,./\\-]+$/

/** Single characters that a shell takes for more than themselves. */
const meaning = /[;&|`$<>(){}[\]*?~!#"'\\\r\n]/
const meaningForCmd = /[&|<>()"%!^\r\n]/

const State = { bare: 0, single: 1, double: 2, mark: 3, comment: 4 } as const

/** How a POSIX shell (IEEE Std 1003.1 section 2.2) takes each character. */
function posixStates(command: string): Uint8Array {
  const states = new Uint8Array(command.length)
  let state: number = State.bare
  for (let at = 0; at < command.length; at++) {
    const code = command.charCodeAt(at)
    if (state === State.comment) {
      if (code === 10) state = State.bare
      states[at] = State.comment
    } else if (state === State.single) {
      if (code === 39) {
        state = State.bare
        states[at] = State.mark
      } else states[at] = State.single
    } else if (state === State.double) {
      if (code === 34) {
        state = State.bare
        states[at] = State.mark
      } else {
        states[at] = State.double
        if (code === 92 && at + 1 < command.length) states[++at] = State.double
      }
    } else if (code === 92) {
      states[at] = State.mark
      if (at + 1 < command.length) states[++at] = State.mark
    } else if (code === 39 || code === 34) {
      state = code === 39 ? State.single : State.double
      states[at] = State.mark
    } else if (code === 35 && (at === 0 || command.charCodeAt(at - 1) <= 32)) {
      state = State.comment
      states[at] = State.comment
    }
  }
  return states
}

/** How `cmd.exe` takes each character: only double quotes quote, and not for percent signs. */
function cmdStates(command: string): Uint8Array {
  const states = new Uint8Array(command.length)
  let quoted = false
  for (let at = 0; at < command.length; at++) {
    const code = command.charCodeAt(at)
    if (code === 34) {
      quoted = !quoted
      states[at] = State.mark
    } else if (code === 94 && !quoted) {
      states[at] = State.mark
      if (at + 1 < command.length) states[++at] = State.mark
    } else states[at] = quoted ? State.double : State.bare
  }
  return states
}

/** One way in which an input may stand in a command line, with what does not depend on where. */
export class Spelling {
  readonly text: string
  readonly isPlain: boolean
  readonly isSingle: boolean
  readonly breaksLine: boolean
  readonly expandsInCmd: boolean

  constructor(text: string, shell: Shell) {
    this.text = text
    this.isPlain = (shell === 'posix' ? plain : plainForCmd).test(text)
    // Single characters that mean nothing are all over a command line.
    this.isSingle = text.length === 1 && !(shell === 'posix' ? meaning : meaningForCmd).test(text)
    this.breaksLine = /[\r\n]/.test(text)
    this.expandsInCmd = /[%!\r\n"]/.test(text)
  }
}

/** A command line as its shell reads it: gone over once, then asked about each place. */
export class CommandLine {
  readonly #command: string
  readonly #shell: Shell
  readonly #states: Uint8Array
  /** For each place, where the state ends that it is in. */
  readonly #ends: Uint32Array
  /** Up to each place, signs that are expanded inside double quotes. */
  readonly #expanded: Uint32Array
  /** Before each place, backslashes in a row. */
  readonly #backslashes: Uint32Array

  constructor(command: string, shell: Shell) {
    const length = command.length
    this.#command = command
    this.#shell = shell
    this.#states = shell === 'posix' ? posixStates(command) : cmdStates(command)
    this.#ends = new Uint32Array(length)
    this.#expanded = new Uint32Array(length + 1)
    this.#backslashes = new Uint32Array(length + 1)
    for (let at = 0; at < length; at++) {
      const code = command.charCodeAt(at)
      const before = this.#backslashes[at] as number
      const expands = (code === 36 || code === 96) && before % 2 === 0
      this.#expanded[at + 1] = (this.#expanded[at] as number) + (expands ? 1 : 0)
      this.#backslashes[at + 1] = code === 92 ? before + 1 : 0
    }
    for (let at = length - 1, end = length; at >= 0; at--) {
      if (at + 1 < length && this.#states[at] !== this.#states[at + 1]) end = at + 1
      this.#ends[at] = end
    }
  }

  /** How an input that stands at a place breaks the structure; `undefined` where it is data. */
  breakage({ text, isPlain, isSingle, breaksLine, expandsInCmd }: Spelling, from: number): string | undefined {
    if (isSingle) return undefined
    const to = from + text.length
    if ((this.#ends[from] as number) < to) return 'leaves its quotes'
    switch (this.#states[from]) {
      case State.single:
        return undefined
      case State.double:
        if (this.#shell === 'cmd') return expandsInCmd ? 'is expanded inside its quotes' : undefined
        if (this.#expanded[to] !== this.#expanded[from]) return 'is expanded inside its quotes'
        return (this.#backslashes[to] as number) % 2 === 1 ? 'escapes what follows it' : undefined
      case State.comment:
        return breaksLine ? 'ends the comment' : undefined
      case State.mark:
        return 'leaves its quotes'
      default:
    }
    if (!isPlain) return 'spans several words'
    if (text.length === 1) return undefined
    const isWord = from === 0 || /[\s;|&(]/.test(this.#command.charAt(from - 1))
    if (isWord && this.#isCommandPosition(from)) return 'names the program'
    return isWord && text.startsWith('-') ? 'is an option' : undefined
  }

  /** Where the same input could stand next and not be data, after it was data at `from`. */
  next({ text }: Spelling, from: number): number {
    const state = this.#states[from]
    const end = this.#ends[from] as number
    if (state === State.single || state === State.comment) return Math.max(from + 1, end - text.length + 1)
    if (state === State.double) {
      const isEven = this.#expanded[end] === this.#expanded[from] && !text.endsWith('\\')
      return isEven ? Math.max(from + 1, end - text.length + 1) : from + 1
    }
    // Within a word it stands at no beginning.
    let word = from + text.length
    while (word < end && !/[\s;|&(]/.test(this.#command.charAt(word))) word++
    return Math.max(from + 1, word - text.length + 1)
  }

  /** Whether a word that begins at a place is run: nothing stands before it but what ends a command. */
  #isCommandPosition(from: number): boolean {
    let at = from - 1
    while (at >= 0 && (this.#command.charCodeAt(at) === 32 || this.#command.charCodeAt(at) === 9)) at--
    return at < 0 || (this.#states[at] === State.bare && /[;|&(\n]/.test(this.#command.charAt(at)))
  }
}
