import { tool } from './tool.mjs'

// Checks of the sources by tools; each has its configuration at the root.
export const format = { title: 'Format', run: () => tool('prettier', '--check', '--cache', '--log-level=warn', '.') }
export const lint = { title: 'Lint and import fences', run: () => tool('oxlint', '--type-aware', '--deny-warnings') }
export const unused = {
  title: 'Unused code and dependencies',
  run: () => tool('knip', '--no-progress', '--no-config-hints'),
}
export const types = {
  title: 'Types',
  run: () => tool('turbo', 'run', 'typecheck', '--continue=always', '--output-logs=errors-only', '--log-order=grouped'),
}
