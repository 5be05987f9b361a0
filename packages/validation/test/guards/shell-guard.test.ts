import { describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { shellGuard, ShellGuardError } from '../../src/index.js'
import { countWork } from '../count-work.js'

const guarded = (command: string | readonly string[], inputs: unknown, shell: 'posix' | 'cmd' = 'posix') => {
  try {
    shellGuard(command, inputs, { shell })
    return 'passes'
  } catch (error) {
    if (error instanceof ShellGuardError) return error.reason
    throw error
  }
}

describe('shellGuard', () => {
  it.each([
    ['ping -c 1 ?', '127.0.0.1; id'],
    ['ping -c 1 ?', '127.0.0.1 && id'],
    ['ping -c 1 ?', '127.0.0.1|id'],
    ['ping -c 1 ?', '$(id)'],
    ['ping -c 1 ?', '`id`'],
    ['ping -c 1 ?', 'a\nid'],
    ['ping -c 1 ?', '-f'],
    ['ping -c 1 ?', '/etc/*'],
    ['ping -c 1 ?', '>/tmp/x'],
    ['ping -c 1 "?"', '$(id)'],
    ['ping -c 1 "?"', '`id`'],
    ['ping -c 1 "?"', '${IFS}'],
    ['ping -c 1 "?"', 'a"; id; "'],
    ['ping -c 1 "?"', 'abc\\'],
    ['ping -c 1 "?"', '\\\\$(id)'],
    ["ping -c 1 '?'", "a'; id; '"],
    ['ls # ?', 'x\nid'],
    ['? -l', '/bin/sh'],
    ['echo \\?', 'a;id'],
    ['echo ~?', 'root x'],
  ])('[VA-5] refuses %s with %j', (template, input) => {
    expect(
      guarded(
        template.replace('?', () => input),
        { input },
      ),
    ).not.toBe('passes')
  })

  it.each([
    ['ping -c 1 ?', '127.0.0.1'],
    ['ping -c 1 ?', 'example.com'],
    ['git show ?', 'feature/a-b_c'],
    ["echo '?'", '$(id) `id` ; | & "x"'],
    ['echo "?"', "O'Brien; cats & dogs (two)"],
    ['echo "?"', '\\$5'],
    ['ls # ?', 'a; b'],
    ['cp a.txt ?', 'b.txt'],
  ])('[VA-5] lets %s with %j pass', (template, input) => {
    expect(
      guarded(
        template.replace('?', () => input),
        { input },
      ),
    ).toBe('passes')
  })

  it('[VA-5] lets a name that was quoted the POSIX way pass', () => {
    expect(guarded(`echo 'O'\\''Brien'`, ["O'Brien"])).toBe('passes')
  })

  it.each([
    ['ping ?', 'a & calc'],
    ['ping ?', 'a | more'],
    ['ping ?', '%PATH%'],
    ['ping "?"', '%PATH%'],
    ['ping "?"', 'a" & calc & "'],
    ['ping ^?', '&calc'],
  ])('[VA-5] cmd: refuses %s with %j', (template, input) => {
    expect(
      guarded(
        template.replace('?', () => input),
        { input },
        'cmd',
      ),
    ).not.toBe('passes')
  })

  it.each<[string, readonly string[]]>([
    ['echo ; id', [';', 'id']],
    ['cd /tmp; id --version', ['id']],
    ['true && id', ['id']],
    ['ls | id', ['id']],
    ['(id)', ['id']],
    ['true\nid', ['id']],
    ['ping & x', ['&']],
    ['ls *', ['*']],
    ['echo $x', ['$']],
    ['echo "a"b"', ['"']],
    ['cat <x', ['<']],
    ['echo `', ['`']],
  ])('[VA-5] refuses what inputs make of %j together: %j', (command, inputs) => {
    expect(guarded(command, [inputs])).not.toBe('passes')
  })

  it.each<[string, readonly string[]]>([
    ['ls -l /tmp/a', ['-', '/', 'a', 'l', '.']],
    ['git log id', ['id']],
    ["echo 'a;b'", [';']],
    ['echo "a;b"', [';', '&']],
    ['date +%s', ['%']],
    ['echo a=id', ['id']],
  ])('[VA-5] lets %j pass with the inputs %j', (command, inputs) => {
    expect(guarded(command, [inputs])).toBe('passes')
  })

  it.each<[string, (text: string) => string]>([
    ['bare', (text) => `echo ${text}`],
    ['in single quotes', (text) => `echo '${text}'`],
    ['in double quotes', (text) => `echo "${text}"`],
    ['in double quotes beside a variable', (text) => `echo "$HOME ${text}"`],
    ['in a comment', (text) => `echo # ${text}`],
  ])('[VA-5] does work in proportion to the command: one letter again and again, %s', (_where, command) => {
    const work = (size: number): number => {
      const inputs = [4, 2, 1].map((part) => 'a'.repeat(size / part))
      return countWork(() => shellGuard(command('a'.repeat(size)), inputs))
    }
    expect(work(40_000)).toBeLessThan(work(4_000) * 15)
  })

  it('[VA-5] cmd: lets quoted words pass', () => {
    expect(guarded('type "C:\\Users\\Ann Lee\\a & b.txt"', ['C:\\Users\\Ann Lee\\a & b.txt'], 'cmd')).toBe('passes')
  })

  it('[VA-5] a list of arguments: no option, no program by the client', () => {
    expect(guarded(['git', 'log', '--output=x'], ['--output=x'])).toBe('is an option')
    expect(guarded(['git', 'log', '--', '--output=x'], ['--output=x'])).toBe('passes')
    expect(guarded(['git', 'log', 'a; b $(c)'], ['a; b $(c)'])).toBe('passes')
    expect(guarded(['git', 'log', '-n', '5'], ['5'])).toBe('passes')
    expect(guarded(['/bin/sh', 'x'], ['/bin/sh'])).toBe('names the program')
  })

  it('[VA-5] throws for the client without the input, and refuses wrong options', () => {
    try {
      shellGuard('echo $(id)', ['$(id)'])
      throw new Error('passed')
    } catch (error) {
      expect(error).toMatchObject({ status: 403, code: 'ERR_VALIDATION_SHELL_GUARD' })
      expect(JSON.stringify(error) + String(error)).not.toContain('id)')
    }
    expect(() => shellGuard('', [], { shell: 'fish' as never })).toThrow(ConfigError)
    expect(() => shellGuard('', [], { shel: 'cmd' } as never)).toThrow(ConfigError)
  })
})
