import { choiceOption, rejectUnknownOptions } from '@hardening/core'
import { ShellGuardError } from './errors.js'
import { textsOf, type GuardInputs } from './inputs.js'

/** Options of {@link shellGuard}. */
export interface ShellGuardOptions {
  /** Who reads a command line: a POSIX shell, or `cmd.exe`. Of no account for a list of arguments. @defaultValue 'posix' */
  shell?: 'posix' | 'cmd'
}

/** Characters that are themselves to every shell. */
const plain = /^[\w@%+=:,./-]+$/
const plainForCmd = /^[\w@+=:,./\\-]+$/

/**
 * Refuses a command whose structure request input has changed. A command line is read as the shell will read it: an input
 * must stay inside one word or one pair of quotes. Of a list of arguments, an input must not become an option (CWE-88).
 * Prefer the list, with `execFile` or `spawn` and no shell.
 *
 * @param command - the command line, or the list of the program and its arguments.
 * @param inputs - everything that came with the request.
 * @throws ShellGuardError `ERR_VALIDATION_SHELL_GUARD`
 * @throws ConfigError `ERR_CONFIG_INVALID`
 * @example
 * shellGuard(['git', 'log', '--', branch], [req.params])
 */
export function shellGuard(
  command: string | readonly string[],
  inputs: GuardInputs,
  options: ShellGuardOptions = {},
): void {
  rejectUnknownOptions('shellGuard', options, ['shell'])
  const shell = choiceOption('shellGuard', 'shell', options.shell ?? 'posix', ['posix', 'cmd'])
  const texts = textsOf(inputs)
  if (texts === undefined) throw new ShellGuardError('more inputs than can be followed')
  if (typeof command !== 'string') return guardArguments(command, texts)
  let states: Uint8Array | undefined
  for (const text of texts) {
    const quoted = shell === 'posix' ? quotedRanges(command, text) : []
    for (const spelling of new Set([text, text.trim()])) {
      if (spelling.length < 2) continue
      for (let at = command.indexOf(spelling); at !== -1; at = command.indexOf(spelling, at + 1)) {
        if (quoted.some(([from, to]) => at >= from && at + spelling.length <= to)) continue
        states ??= shell === 'posix' ? posixStates(command) : cmdStates(command)
        const reason = breakage(command, states, at, at + spelling.length, shell)
        if (reason !== undefined) throw new ShellGuardError(reason)
      }
    }
  }
}

/** Where an input stands as a POSIX shell wants a quote written inside single quotes: `'\\''`. */
function quotedRanges(command: string, text: string): readonly (readonly [from: number, to: number])[] {
  if (!text.includes("'")) return []
  const quoted = `'${text.replaceAll("'", "'\\''")}'`
  const ranges: [number, number][] = []
  for (let at = command.indexOf(quoted); at !== -1; at = command.indexOf(quoted, at + quoted.length))
    ranges.push([at, at + quoted.length])
  return ranges
}

function guardArguments(list: readonly string[], texts: readonly string[]): void {
  const inputs = new Set(texts)
  if (inputs.has(list[0] as string)) throw new ShellGuardError('names the program')
  for (const argument of list.slice(1)) {
    if (argument === '--') return
    if (
      argument.startsWith('-') &&
      argument.length > 1 &&
      texts.some((text) => text.startsWith('-') && argument.startsWith(text))
    )
      throw new ShellGuardError('is an option')
  }
}

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

function breakage(
  command: string,
  states: Uint8Array,
  from: number,
  to: number,
  shell: 'posix' | 'cmd',
): string | undefined {
  const state = states[from]
  for (let at = from + 1; at < to; at++) if (states[at] !== state) return 'leaves its quotes'
  const text = command.slice(from, to)
  if (state === State.single) return undefined
  if (state === State.double) {
    if (shell === 'cmd') return /[%!\r\n"]/.test(text) ? 'is expanded inside its quotes' : undefined
    if (!isEscaped(command, from, to)) return 'is expanded inside its quotes'
    return backslashesBefore(command, to) % 2 === 1 ? 'escapes what follows it' : undefined
  }
  if (state === State.comment) return /[\r\n]/.test(text) ? 'ends the comment' : undefined
  if (state === State.mark) return 'leaves its quotes'
  if (!(shell === 'posix' ? plain : plainForCmd).test(text)) return 'spans several words'
  const begins = from === 0 || /[\s;|&(]/.test(command.charAt(from - 1))
  if (from === 0) return 'names the program'
  return begins && text.startsWith('-') ? 'is an option' : undefined
}

/** Whether a backslash takes the meaning from every `$` and backquote. */
function isEscaped(command: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = command.charCodeAt(at)
    if ((code === 36 || code === 96) && backslashesBefore(command, at) % 2 === 0) return false
  }
  return true
}

function backslashesBefore(command: string, at: number): number {
  let count = 0
  while (command.charCodeAt(at - 1 - count) === 92) count++
  return count
}
