import { loadSettings, type Environment, type Settings } from '@hardening/kit'

/** The settings of both processes, with what suits a demo that is started by hand. */
export function demoSettings(env: Environment): Settings {
  return loadSettings({ SERVICE_NAME: 'hardening-demo', LOG_FORMAT: 'pretty', LOG_LEVEL: 'warn', ...env })
}
