import { choiceOption, rejectUnknownOptions } from '@hardening/core'
import { ShellGuardError } from './errors.js'
import { textsOf, type GuardInputs } from './inputs.js'
import { CommandLine, Spelling } from './command-line.js'

/** Options of {@link shellGuard}. */
export interface ShellGuardOptions {
  /** Who reads a command line: a POSIX shell, or `cmd.exe`. Of no account for a list of arguments. @defaultValue 'posix' */
  shell?: 'posix' | 'cmd'
}

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
  const texts = textsOf(inputs, { shortest: 1 })
  if (texts === undefined) throw new ShellGuardError('more inputs than can be followed')
  if (typeof command !== 'string') return guardArguments(command, texts)
  let line: CommandLine | undefined
  for (const text of texts) {
    const quoted = shell === 'posix' ? quotedRanges(command, text) : []
    for (const spelling of new Set([text, text.trim()])) {
      if (spelling === '') continue
      let at = command.indexOf(spelling)
      if (at === -1) continue
      line ??= new CommandLine(command, shell)
      const place = new Spelling(spelling, shell)
      let range = 0
      while (at !== -1) {
        while (range < quoted.length && (quoted[range] as Range)[1] < at + spelling.length) range++
        const around = quoted[range]
        const isQuoted = around !== undefined && at >= around[0]
        const reason = isQuoted ? undefined : line.breakage(place, at)
        if (reason !== undefined) throw new ShellGuardError(reason)
        at = command.indexOf(spelling, isQuoted ? at + 1 : line.next(place, at))
      }
    }
  }
}

type Range = readonly [from: number, to: number]

/** Where an input stands as a POSIX shell wants a quote written inside single quotes: `'\\''`. */
function quotedRanges(command: string, text: string): readonly Range[] {
  if (!text.includes("'")) return []
  const quoted = `'${text.replaceAll("'", "'\\''")}'`
  const ranges: Range[] = []
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
