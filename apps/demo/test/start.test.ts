import { createServer } from 'node:http'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { loadSettings } from '@hardening/kit'
import { listen } from '@hardening/test-utils'
import { migrate } from '../src/database/migrate.js'
import { openPglite } from '../src/database/pglite.js'
import { hashPassword, verifyPassword } from '../src/login/password.js'
import { firstStart } from '../src/start/first-start.js'
import { greeting } from '../src/start/greeting.js'
import { listenOn, PortError } from '../src/start/port.js'

const folder = mkdtempSync(join(tmpdir(), 'hardening-demo-'))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the first start', () => {
  it('[DE-1] makes secrets and a password once, readable by their owner alone', () => {
    const data = join(folder, 'data')
    const first = firstStart(data)
    expect(first.newPassword).toMatch(/^[\w-]{16}$/)
    expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600)
    const second = firstStart(data)
    expect(second).toEqual({ secrets: first.secrets, newPassword: undefined })
  })

  it('[DE-1] shows the login and the tokens only where they were made just now', () => {
    const settings = loadSettings({ HEALTH_TOKEN: 'canary-health-token', METRICS_TOKEN: 'canary-metrics-token' })
    const parts = { port: 3000, settings, database: 'pglite', redis: false, jobs: 'server' } as const
    const first = greeting({ ...parts, newPassword: 'canary-password', newTokens: true })
    expect(first).toContain('http://localhost:3000')
    expect(first).toContain('canary-password')
    expect(first).toContain('canary-health-token')
    expect(greeting({ ...parts, newPassword: undefined, newTokens: false })).not.toContain('canary')
  })

  it('[DE-1] says in one sentence that a port is in use', async () => {
    const taken = await listen(createServer())
    const error = await listenOn(createServer(), taken.port, '127.0.0.1').catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(PortError)
    expect((error as Error).message).toBe(
      `Port ${taken.port} is in use. Stop what listens there, or choose another: PORT=${taken.port + 1} npm start`,
    )
    await taken.close()
  })
})

describe('migrations', () => {
  it('[DE-1] are applied once, in order, and leave nothing of a step that fails', async () => {
    const db = await openPglite(undefined)
    expect((await migrate(db)).map(({ id }) => id)).toEqual([1, 2, 3])
    expect(await migrate(db)).toEqual([])
    const broken = [{ id: 9, name: 'broken', sql: 'CREATE TABLE half (id int); SELECT * FROM nowhere' }]
    await expect(migrate(db, broken)).rejects.toThrow('nowhere')
    expect(await db.query("SELECT 1 FROM pg_tables WHERE tablename = 'half'")).toEqual([])
    await db.close()
  }, 60_000)
})

describe('passwords', () => {
  it('[DE-2] are stored as salted scrypt hashes that only the password fits', async () => {
    const [one, two] = await Promise.all([hashPassword('secret'), hashPassword('secret')])
    expect(one).not.toBe(two)
    expect(one).toMatch(/^scrypt\$[\w-]{22}\$[\w-]{43}$/)
    expect(await verifyPassword('secret', one)).toBe(true)
    expect(await verifyPassword('Secret', one)).toBe(false)
    expect(await verifyPassword('', undefined)).toBe(false)
  })
})
