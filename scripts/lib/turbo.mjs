import { inRoot } from './root.mjs'
import { quietly } from './stage.mjs'

export const turboPath = () => inRoot('node_modules/.bin/turbo')

/** Builds packages and what they stand on; what is unchanged comes from turbo's cache. */
export async function build(...filters) {
  const args = ['run', 'build', '--output-logs=errors-only', ...filters.map((filter) => `--filter=${filter}`)]
  await quietly('The build failed', turboPath(), args)
}
