/** Verbs that begin a statement, and what makes them one: words that follow, or marks. */
const followers = new Map<string, ReadonlySet<string>>()

function add(verb: string, next: string): void {
  followers.set(verb, new Set(next.split(' ')))
}

const objects =
  'table database view index procedure proc function trigger user schema login role column sequence event tablespace'

add('insert', 'into overwrite ignore')
add('delete', 'from')
add('drop', objects)
add('create', `${objects} temp temporary or unique global`)
add('alter', `${objects} system session`)
add('truncate', 'table')
add('declare', '@')
add('waitfor', 'delay time')
add('exec', '@ ( xp_ sp_ master')
add('execute', '@ ( xp_ sp_ master immediate')
add('set', '@ global session')
add('load', 'data xml')
add('bulk', 'insert')
add('copy', '(')
add('attach', 'database')
add('backup', 'database log')
add('restore', 'database')
add('merge', 'into')
add('rename', 'table')
add('grant', 'all select insert update execute dba')
add('revoke', 'all select insert update')
add('if', '( exists not 0')
add('begin', 'declare dbms_lock begin dbms_pipe')
add('lock', 'table tables')
add('show', 'tables databases variables columns grants')
add('describe', 'users')
add('prepare', '')
add('do', '( sleep $')
add('kill', '')
add('reconfigure', '')
add('vacuum', 'into')

/** Whether `next` (a word, or the mark of what follows) makes a statement of `verb`. */
export function beginsStatement(verb: string, next: string): boolean {
  const known = followers.get(verb)
  if (known === undefined) return false
  if (known.has(next)) return true
  return next.length > 3 && known.has('xp_') && (next.startsWith('xp_') || next.startsWith('sp_'))
}
