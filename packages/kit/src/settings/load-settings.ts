import { readFileSync } from 'node:fs'
import { ConfigError, type ConfigIssue } from '@hardening/core'
import type { Setting } from './kinds.js'
import { settingsTable, type Settings } from './table.js'

/** Variables by name: `process.env`, or anything like it. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads all settings. A variable that is unset or empty takes its default; a secret `NAME` may instead be the content of
 * the file that `NAME_FILE` names, as orchestrators mount secrets.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID` that names every variable at fault, and shows no secret.
 *
 * @example
 * const settings = loadSettings(process.env)
 */
export function loadSettings(env: Environment): Settings {
  const issues: ConfigIssue[] = []
  const settings: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries(settingsTable) as [string, Setting<unknown>][]) {
    settings[key] = readSetting(setting, env, issues)
  }
  const all = settings as unknown as Settings
  issues.push(...contradictions(all))
  if (issues.length > 0) throw new ConfigError('loadSettings', issues)
  return all
}

function readSetting(setting: Setting<unknown>, env: Environment, issues: ConfigIssue[]): unknown {
  const { name, expected, secret } = setting
  let text = env[name] ?? ''
  if (secret && text === '' && env[`${name}_FILE`]) {
    try {
      text = readFileSync(env[`${name}_FILE`] as string, 'utf8').trim()
    } catch {
      issues.push({ option: `${name}_FILE`, expected: 'the path of a file that can be read', got: env[`${name}_FILE`] })
      return setting.fallback
    }
  }
  if (text === '') return setting.fallback
  const value = setting.read(text)
  if (value === undefined) issues.push({ option: name, expected, got: secret ? new Hidden(text) : text })
  return value
}

/** Stands for a secret in an error: tells that there is one, and nothing of it. */
class Hidden {
  readonly #length: number

  constructor(text: string) {
    this.#length = text.length
  }

  toJSON(): string {
    return `${this.#length} characters (hidden)`
  }
}

/** Settings that are each well formed but cannot work together. */
function contradictions(settings: Settings): ConfigIssue[] {
  const { corsCredentials, corsOrigins, databasePoolMin, databasePoolMax, limitPerMinute, limitPerHour } = settings
  const issues: ConfigIssue[] = []
  if (corsCredentials && corsOrigins.includes('*')) {
    issues.push({ option: 'CORS_ORIGINS', expected: "a list without '*' while CORS_CREDENTIALS is on", got: '*' })
  }
  if (databasePoolMin > databasePoolMax) {
    issues.push({ option: 'DATABASE_POOL_MIN', expected: 'at most DATABASE_POOL_MAX', got: databasePoolMin })
  }
  if (limitPerHour < limitPerMinute) {
    issues.push({ option: 'RATE_LIMIT_PER_HOUR', expected: 'at least RATE_LIMIT_PER_MINUTE', got: limitPerHour })
  }
  return issues
}
