import { describe, expect, it } from '@jest/globals'
import { detectSqlInjection } from '../../src/index.js'
import { sqlAttacks } from './sql-attacks.js'

describe('detectSqlInjection', () => {
  it('[VA-4] finds at least 98.5 % of every technique in every context and disguise at level 1', () => {
    const counts = new Map<string, { all: number; found: number }>()
    const missed: string[] = []
    let all = 0
    let found = 0
    for (const { technique, context, tamper, text } of sqlAttacks()) {
      all++
      const hit = detectSqlInjection(text) !== undefined
      if (hit) found++
      else missed.push(`${technique} | ${context} | ${tamper}: ${text}`)
      for (const name of [technique, tamper]) {
        const count = counts.get(name) ?? { all: 0, found: 0 }
        count.all++
        if (hit) count.found++
        counts.set(name, count)
      }
    }
    expect(all).toBeGreaterThan(5000)
    const weak = [...counts].filter(([, count]) => count.found / count.all < 0.95).map(([name]) => name)
    expect({ weak, missed: found / all < 0.985 ? missed.slice(0, 40) : [] }).toEqual({ weak: [], missed: [] })
  })

  it.each([
    ['the evasion of a variable without a name', "' + 1<@. union select"],
    ['arithmetic before a comment', '1*1--'],
    ['a comment behind a quote', "admin'--"],
    ['an unfinished comment', "admin'/*"],
    ['a statement of its own', 'SELECT * FROM users'],
    ['a conditional comment', '1/*!50000UNION*//*!50000SELECT*/1,2'],
    ['a fragment', 'UNION SELECT 1,2'],
    ['a function of its own', '(select(0)from(select(sleep(6)))v)'],
    ['a bracket', '1]-(SELECT 0 WHERE 5=5 AND (SELECT SLEEP(5)))|[1'],
    ['a search mode', "1' IN BOOLEAN MODE) AND SLEEP(5)#"],
    ['an alias', "1')) AS t WHERE 4=4 OR 5=5-- -"],
    ['text around it', 'a sentence and then -1 UNION ALL SELECT 1,2,3'],
    ['percent signs between letters', "%1%'% %O%R% %4%=%4"],
    ['Base64', Buffer.from("1' OR '1'='1").toString('base64')],
  ])('[VA-4] finds %s', (_title, attack) => {
    expect(detectSqlInjection(attack)).toMatchObject({
      kind: 'sql-injection',
      severity: 'critical',
      score: 5,
      level: 1,
    })
  })

  it('[VA-4] says what it found without saying what it was', () => {
    expect(detectSqlInjection("x' UNION SELECT secret FROM accounts--")).toEqual({
      kind: 'sql-injection',
      rule: 'sql-union',
      severity: 'critical',
      score: 5,
      level: 1,
      fingerprint: expect.stringMatching(/^[.n1sivoc(),;?U]{1,16}$/),
    })
  })

  it('[VA-4] finds more the higher the level', () => {
    const probes = ["'like'", "' && 1", 'exec foo', "'=1", '1=1']
    const found = ([1, 2, 3, 4] as const).map(
      (level) => probes.filter((text) => detectSqlInjection(text, { level })).length,
    )
    expect(found[0]).toBe(0)
    expect(found[3]).toBeGreaterThan(found[0] as number)
    expect([...found].sort((left, right) => left - right)).toEqual(found)
  })

  // Each was taken for an attack by well-known detectors.
  it.each([
    'a!@#',
    '12345||12345',
    'select one from the list',
    '4. Select Medicare Plan G from the menu, or call us',
    'drop table 5, please',
    "Robert said: 'select' is a verb, 'from' is not",
    'I ran SELECT name FROM users WHERE id = 5 and got "no rows". Why?',
    "<Filter><PropertyIsEqualTo><PropertyName>a</PropertyName><Literal>'b' and 'c'</Literal></PropertyIsEqualTo></Filter>",
    "(&(objectClass=person)(|(sn=O'Neil)(cn=Bob*)))",
    '5 and 10 or 15',
    'the words "or" and "and" are short',
    "rock 'n' roll -- or not",
    ';-) -- see you',
    'Group by 3 or 4; order by 5 pm',
    '1 < 2 and 2 < 3',
    'union of the select committees',
    "Charles' and James' houses",
    'pages 12--15 #1',
    '100% true and 100% legit',
  ])('[VA-4] lets %j pass', (innocent) => {
    expect(detectSqlInjection(innocent)).toBeUndefined()
  })
})
