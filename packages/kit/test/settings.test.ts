import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { ConfigError } from '@hardening/core'
import { envExample, loadSettings, settingsMarkdown } from '../src/index.js'
import { settingsTable } from '../src/settings/table.js'

describe('loadSettings', () => {
  it('[KI-2] takes its defaults where nothing is set', () => {
    expect(loadSettings({})).toMatchObject({
      environment: 'development',
      port: 3000,
      limitPerMinute: 60,
      limitPerHour: 1000,
      trustProxy: false,
      corsOrigins: [],
      redisUrl: undefined,
      requestTimeoutMs: 30_000,
      bodyLimit: 1_048_576,
    })
  })

  it('[KI-2] takes an empty variable for an unset one', () => {
    expect(loadSettings({ PORT: '', REDIS_URL: '' })).toMatchObject({ port: 3000, redisUrl: undefined })
  })

  it.each([
    ['PORT', '0', { port: 0 }],
    ['WORKERS', '4', { workers: 4 }],
    ['TRUST_PROXY', '2', { trustProxy: 2 }],
    ['TRUST_PROXY', '10.0.0.0/8, 127.0.0.1', { trustProxy: ['10.0.0.0/8', '127.0.0.1'] }],
    ['TRUST_PROXY', 'false', { trustProxy: false }],
    [
      'CORS_ORIGINS',
      'https://a.example, https://b.example,',
      { corsOrigins: ['https://a.example', 'https://b.example'] },
    ],
    ['REQUEST_TIMEOUT', '5s', { requestTimeoutMs: 5000 }],
    ['REQUEST_TIMEOUT', '250', { requestTimeoutMs: 250 }],
    ['BODY_LIMIT', '2mb', { bodyLimit: 2_097_152 }],
    ['COMPRESSION', 'false', { compression: false }],
    ['SENTRY_TRACES_SAMPLE_RATE', '0.25', { sentryTracesSampleRate: 0.25 }],
    ['LOG_FORMAT', 'ecs', { logFormat: 'ecs' }],
    ['REDIS_URL', 'rediss://cache:6380', { redisUrl: 'rediss://cache:6380' }],
    ['DATABASE_URL', 'postgres://db/app', { databaseUrl: 'postgres://db/app' }],
  ])('[KI-2] reads %s=%s', (name, value, expected) => {
    expect(loadSettings({ [name]: value })).toMatchObject(expected)
  })

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['WORKERS', '0'],
    ['TRUST_PROXY', 'true'],
    ['COMPRESSION', 'yes'],
    ['SENTRY_TRACES_SAMPLE_RATE', '1.5'],
    ['REQUEST_TIMEOUT', 'soon'],
    ['BODY_LIMIT', '1tb'],
    ['LOG_LEVEL', 'loud'],
    ['REDIS_URL', 'http://cache'],
    ['DATABASE_URL', 'db'],
    ['SIGNING_KEY', 'short'],
    ['RATE_LIMIT_PER_HOUR', '10'],
  ])('[KI-2] refuses %s=%s and names it', (name, value) => {
    expect(() => loadSettings({ [name]: value })).toThrow(ConfigError)
    expect(() => loadSettings({ [name]: value })).toThrow(name)
  })

  it('[KI-2] names all that is wrong at once', () => {
    try {
      loadSettings({ PORT: 'x', LOG_LEVEL: 'loud', CORS_ORIGINS: '*', CORS_CREDENTIALS: 'true' })
      throw new Error('not refused')
    } catch (error) {
      expect((error as ConfigError).issues.map(({ option }) => option)).toEqual(['PORT', 'LOG_LEVEL', 'CORS_ORIGINS'])
    }
  })

  it('[KI-2] shows no secret in its error', () => {
    const secrets = {
      SIGNING_KEY: 'canary-key',
      REDIS_URL: 'http://user:canary-password@host',
      METRICS_TOKEN: 'canary',
    }
    expect(() => loadSettings(secrets)).not.toThrow('canary')
    expect(() => loadSettings(secrets)).toThrow('10 characters (hidden)')
  })

  describe('secrets in files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'hardening-settings-'))
    afterEach(() => rmSync(folder, { recursive: true, force: true }))

    it('[KI-2] are read from the file that NAME_FILE names', () => {
      const file = join(folder, 'key')
      writeFileSync(file, `${'k'.repeat(40)}\n`)
      expect(loadSettings({ SIGNING_KEY_FILE: file }).signingKey).toBe('k'.repeat(40))
      expect(loadSettings({ SIGNING_KEY: 'e'.repeat(40), SIGNING_KEY_FILE: file }).signingKey).toBe('e'.repeat(40))
    })

    it('[KI-2] that cannot be read are an error', () => {
      expect(() => loadSettings({ SIGNING_KEY_FILE: join(folder, 'missing') })).toThrow('SIGNING_KEY_FILE')
    })
  })
})

describe('the documents of the settings', () => {
  it('[KI-2] name every setting, its default and what it accepts', () => {
    for (const { name } of Object.values(settingsTable)) {
      expect(envExample()).toMatch(new RegExp(`^# ${name}=`, 'm'))
      expect(settingsMarkdown()).toContain(`| \`${name}\` |`)
    }
    expect(envExample()).toContain('# REQUEST_TIMEOUT=30s')
    expect(envExample()).toContain('# BODY_LIMIT=1mb')
  })

  it('[KI-2] are what the repository holds', () => {
    const root = join(__dirname, '../../..')
    expect(readFileSync(join(root, '.env.example'), 'utf8')).toBe(envExample())
    expect(readFileSync(join(root, 'docs/settings.md'), 'utf8')).toContain(settingsMarkdown())
  })

  it('[KI-2] give, read back, the defaults', () => {
    const env = Object.fromEntries(
      envExample()
        .split('\n')
        .flatMap((line) => {
          const match = /^# ([A-Z_]+)=(.*)$/.exec(line)
          return match === null ? [] : [[match[1] as string, match[2] as string]]
        }),
    )
    expect(loadSettings(env)).toEqual(loadSettings({}))
  })
})
