import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { listen } from '@hardening/test-utils'
import { breachCount, checkPassword, isCommonPassword, passwordStrength, pwnedPasswords } from '../../src/index.js'
import { commonPasswordCount } from '../../src/validators/password/common-password.js'
import { countWork } from '../count-work.js'

const reasons = (password: string, options = {}): string[] =>
  passwordStrength(password, options).reasons.map((reason) => reason.code)

describe('isCommonPassword', () => {
  it.each([
    'password',
    'Password1',
    'P@ssw0rd',
    'P@$$w0rd123!',
    'passwordpassword',
    'drowssap',
    'qwerty123',
    'Qwertz2024!',
    'azerty',
    '1qaz2wsx',
    'asdfghjkl',
    'zxcvbnm1',
    '123456789',
    '987654321',
    '1234567890',
    'aaaaaaaa',
    'abcdefgh',
    'Summer2024!',
    'Winter2026',
    '2024Summer',
    '123admin',
    'welcome1',
    'letmein!',
    'iloveyou',
    'Monkey!123',
    'dragon1990',
    'changeme123',
    '01011990',
    '1990-01-01',
    '31.12.1985',
    'Michael1',
    'baseball2010',
    'adminadmin',
  ])('[VA-3] knows %s', (password) => {
    expect(isCommonPassword(password)).toBe(true)
  })

  it.each(['correct horse battery staple', 'xK9#mQ2$vL', 'Tr0ub4dor&3', 'grün-Tasse-vier-Regen', 'kq7ev2ldp', '', 'a'])(
    '[VA-3] does not take %j for one',
    (password) => {
      expect(isCommonPassword(password)).toBe(false)
    },
  )

  it('[VA-3] stands for more than 3,000 passwords by construction', () => {
    expect(commonPasswordCount()).toBeGreaterThan(3_000)
  })
})

describe('passwordStrength', () => {
  it.each([
    ['password', 0],
    ['aaaaaaaaaaaaaaaa', 0],
    ['qwertyuiop', 0],
    ['Summer2024!', 0],
    ['sunshinemonkey', 0],
    ['sunshinetrouble', 1],
    ['kq7ev2', 2],
    ['kq7ev2ld', 3],
    ['kq7ev2ldpw', 4],
    ['correct horse battery staple', 4],
    ['пароль с душой и чаем', 4],
  ])('[VA-3] scores %s as %i', (password, score) => {
    expect(passwordStrength(password).score).toBe(score)
  })

  it('[VA-3] says why, what would help, and never what the password is', () => {
    const weak = passwordStrength('Summer2024!')
    expect(weak).toMatchObject({ acceptable: false, reasons: [{ code: 'common' }] })
    expect(weak.suggestions.length).toBeGreaterThan(1)
    expect(JSON.stringify(weak)).not.toMatch(/Summer|2024/)
    const strong = passwordStrength('kq7ev2ldpw9x')
    expect(strong).toMatchObject({ acceptable: true, reasons: [], suggestions: [] })
  })

  it('[VA-3] goes by length in characters, 8 and 1,024 by default', () => {
    expect(reasons('kq7ev2l')).toEqual(['too_short'])
    expect(reasons('kq7ev2ld')).toEqual([])
    expect(reasons('🦊🍵🌧🚲🧭🪁🎻🧶')).toEqual([])
    expect(reasons('🦊🍵🌧🚲🧭🪁🎻')).toContain('too_short')
    const long = Array.from({ length: 1_025 }, (_, at) => String.fromCharCode(97 + ((at * at) % 26))).join('')
    expect(reasons(long)).toContain('too_long')
    expect(reasons(long.slice(1))).not.toContain('too_long')
    expect(reasons('kq7ev2ldpw', { minLength: 15 })).toEqual(['too_short'])
  })

  it('[VA-3] refuses words of the context, also in leet spelling, and asks for no composition by itself', () => {
    const context = ['Ada Lovelace', 'ada.lovelace@example.com', 'Hardening']
    expect(reasons('xx-lovelace-9!', { context })).toContain('context')
    expect(reasons('H4rden1ng-rocks!', { context })).toContain('context')
    expect(reasons('kq7ev2ld-com', { context })).toEqual([])
    expect(reasons('onlysmallletters yes')).toEqual([])
  })

  it('[VA-3] makes rules of composition only where they are asked for', () => {
    const require = ['lower', 'upper', 'digit', 'symbol']
    expect(reasons('kqzevxldpw', { require })).toEqual(['missing_upper', 'missing_digit', 'missing_symbol'])
    expect(reasons('KqzEv7ldp!', { require })).toEqual([])
    expect(reasons('ÄÖÜ1234567%', { require })).toContain('missing_lower')
  })

  it('[VA-3] asks for the score it is told', () => {
    expect(reasons('kq7ev2ld', { minScore: 4 })).toEqual(['weak'])
    expect(reasons('kq7ev2ld', { minScore: 3 })).toEqual([])
  })

  it.each([
    ['minLength', { minLength: 0 }],
    ['maxLength', { maxLength: 32 }],
    ['minScore', { minScore: 5 }],
    ['require', { require: ['emoji'] }],
    ['length', { length: 5 }],
  ])('[VA-3] refuses the option %s', (option, options) => {
    expect(() => passwordStrength('x', options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', option }),
    )
  })

  it('[VA-3] C13 does bounded work, however long the password is', () => {
    const context = ['ada.lovelace@example.com']
    for (const unit of ['a', 'ab', 'password', '1qaz', 'kq7ev2ldpw', '\u{1f98a}']) {
      const work = (length: number): number => {
        const password = unit.repeat(length).slice(0, length)
        return countWork(() => passwordStrength(password, { context }))
      }
      expect(work(10_000)).toBeLessThanOrEqual(work(100) * 1.5)
      expect(work(1_000_000)).toBeLessThanOrEqual(work(100) * 1.5)
      expect(work(10_000)).toBeLessThan(1_000_000)
    }
  })

  it('[VA-3] neither fails nor contradicts itself on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (password) => {
        const { score, acceptable, reasons: why } = passwordStrength(password)
        expect(acceptable).toBe(why.length === 0)
        expect([0, 1, 2, 3, 4]).toContain(score)
      }),
    )
  })
})

describe('breached passwords', () => {
  const hash = createHash('sha1').update('kq7ev2ldpw').digest('hex').toUpperCase()

  it('[VA-3] sends five digits of the hash and finds the rest in the answer', async () => {
    const asked: string[] = []
    const range = async (prefix: string): Promise<string> => {
      asked.push(prefix)
      return `0000000000000000000000000000000000A:7\r\n${hash.slice(5)}:42\r\nFFF:1`
    }
    expect(await breachCount('kq7ev2ldpw', range)).toBe(42)
    expect(asked).toEqual([hash.slice(0, 5)])
    expect(await breachCount('another one', range)).toBe(0)
    expect(await breachCount('kq7ev2ldpw', async () => `${hash.slice(5)}:0`)).toBe(0)
    expect(await breachCount('kq7ev2ldpw', async () => `${hash.slice(5).toLowerCase()}:3`)).toBe(3)
  })

  it('[VA-3] refuses a breached password, and goes on without a service that fails', async () => {
    const breached = await checkPassword('kq7ev2ldpw', { breached: async () => `${hash.slice(5)}:9` })
    expect(breached).toMatchObject({ acceptable: false, breaches: 9, reasons: [{ code: 'breached' }] })
    const unknown = await checkPassword('kq7ev2ldpw', { breached: async () => '' })
    expect(unknown).toMatchObject({ acceptable: true, breaches: 0, breachCheckFailed: false })
    const down = await checkPassword('kq7ev2ldpw', { breached: () => Promise.reject(new Error('down')) })
    expect(down).toMatchObject({ acceptable: true, breaches: undefined, breachCheckFailed: true })
    expect(await checkPassword('kq7ev2ldpw')).toMatchObject({ acceptable: true, breaches: undefined })
  })

  it('[VA-3] does not ask about what is refused anyway', async () => {
    let asked = 0
    await checkPassword('password', { breached: async () => String(asked++) })
    expect(asked).toBe(0)
  })

  it('[VA-3] asks a range service over HTTP, with padding, and gives up where it fails', async () => {
    let status = 200
    const seen: unknown[] = []
    const server = await listen(
      createServer((req, res) => {
        seen.push([req.url, req.headers['add-padding']])
        res.statusCode = status
        res.end(`${hash.slice(5)}:5`)
      }),
    )
    try {
      const breached = pwnedPasswords({ url: `${server.url}/range/` })
      expect(await checkPassword('kq7ev2ldpw', { breached })).toMatchObject({ breaches: 5 })
      expect(seen).toEqual([[`/range/${hash.slice(0, 5)}`, 'true']])
      status = 503
      expect(await checkPassword('kq7ev2ldpw', { breached })).toMatchObject({ breachCheckFailed: true })
    } finally {
      await server.close()
    }
    expect(() => pwnedPasswords({ timeout: 'soon' as never })).toThrow(expect.objectContaining({ option: 'timeout' }))
    expect(() => pwnedPasswords({ fetch: 'x' as never })).toThrow(expect.objectContaining({ option: 'fetch' }))
  })
})
