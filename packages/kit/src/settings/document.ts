import type { Setting } from './kinds.js'
import { settingsTable } from './table.js'

/** A `.env.example`: every setting with its meaning and default, commented out. */
export function envExample(): string {
  return rows()
    .map(({ setting, fallback }) => `# ${setting.about}\n# ${setting.name}=${fallback}\n`)
    .join('\n')
}

/** The table of settings for the documents, in Markdown. */
export function settingsMarkdown(): string {
  const lines = rows().map(({ setting, fallback }) => {
    const value = fallback === '' ? 'none' : `\`${fallback}\``
    return `| \`${setting.name}\` | ${value} | ${setting.expected}${setting.secret ? ' (or `_FILE`)' : ''} | ${setting.about} |`
  })
  return ['| Variable | Default | Accepts | What it is for |', '| --- | --- | --- | --- |', ...lines].join('\n') + '\n'
}

function rows(): { setting: Setting<unknown>; fallback: string }[] {
  return (Object.values(settingsTable) as Setting<unknown>[]).map((setting) => ({
    setting,
    fallback: spell(setting),
  }))
}

/** A default as a person would write it into the environment. */
function spell({ fallback, expected }: Setting<unknown>): string {
  if (fallback === undefined) return ''
  if (Array.isArray(fallback)) return fallback.join(',')
  if (typeof fallback === 'number' && expected.startsWith('a duration'))
    return spellUnits(
      fallback,
      [
        ['h', 3_600_000],
        ['m', 60_000],
        ['s', 1000],
      ],
      'ms',
    )
  if (typeof fallback === 'number' && expected.startsWith('a size'))
    return spellUnits(
      fallback,
      [
        ['mb', 1_048_576],
        ['kb', 1024],
      ],
      'b',
    )
  return `${fallback as string | number | boolean}`
}

function spellUnits(value: number, units: [string, number][], least: string): string {
  const unit = units.find(([, count]) => value >= count && value % count === 0)
  return unit === undefined ? `${value}${least}` : `${value / unit[1]}${unit[0]}`
}
