import { ConfigError, durationOption, rejectUnknownOptions, type Duration } from '@hardening/core'
import { Cron } from 'croner'

/** When a schedule makes its jobs: by a cron pattern or at a fixed distance. */
export interface ScheduleOptions {
  /** Five fields, or six with seconds first: `'0 3 * * *'`. Just one of `cron` and `every` has to be given. */
  cron?: string
  /** Distance of two jobs, at least 1 s. Jobs are due at whole multiples since 1970, the same in every process. */
  every?: Duration
  /** IANA name of the time zone of `cron`: `'Europe/Berlin'`. @defaultValue `'UTC'` */
  timeZone?: string
}

/** {@link ScheduleOptions}, checked. */
export interface ScheduleSpec {
  readonly cron: string | undefined
  readonly everyMs: number | undefined
  readonly timeZone: string | undefined
}

const factory = 'schedule'

/** @throws ConfigError `ERR_CONFIG_INVALID` */
export function resolveSchedule(options: ScheduleOptions): ScheduleSpec {
  rejectUnknownOptions(factory, options, ['cron', 'every', 'timeZone'])
  const { cron, every, timeZone } = options
  if ((cron === undefined) === (every === undefined)) {
    throw new ConfigError(factory, 'cron', 'given where `every` is not, and only there', cron)
  }
  if (every !== undefined) {
    if (timeZone !== undefined) throw new ConfigError(factory, 'timeZone', 'left out beside `every`', timeZone)
    return {
      cron: undefined,
      everyMs: durationOption(factory, 'every', every, { min: 1000, max: 366 * 86_400_000 }),
      timeZone: undefined,
    }
  }
  const spec = { cron: cron as string, everyMs: undefined, timeZone: checkTimeZone(timeZone ?? 'UTC') }
  try {
    if (new Cron(spec.cron, { mode: '5-or-6-parts', paused: true, timezone: spec.timeZone }).nextRun() === null) {
      throw new ConfigError(factory, 'cron', 'a pattern with a time to come', cron)
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(factory, 'cron', 'a cron pattern of five or six fields', cron)
  }
  return spec
}

function checkTimeZone(timeZone: unknown): string {
  try {
    if (typeof timeZone === 'string' && timeZone !== '') {
      Intl.DateTimeFormat('en', { timeZone })
      return timeZone
    }
  } catch {
    // Named below.
  }
  throw new ConfigError(factory, 'timeZone', "the IANA name of a time zone such as 'Europe/Berlin'", timeZone)
}

/**
 * When the first job after `from` is due, in milliseconds since 1970; `undefined` where none ever is.
 *
 * Where clocks go forward, what falls into the gap is due when it ends: 02:30 becomes 03:00; where they go back, a fixed
 * time is due once, the first time round, and `*` goes on evenly.
 */
export function nextRun({ cron, everyMs, timeZone = 'UTC' }: ScheduleSpec, from: number): number | undefined {
  if (everyMs !== undefined) return (Math.floor(from / everyMs) + 1) * everyMs
  const pattern = new Cron(cron as string, { mode: '5-or-6-parts', paused: true, timezone: timeZone })
  return pattern.nextRun(new Date(from))?.getTime()
}
