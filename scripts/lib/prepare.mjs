import { installDependencies } from './install.mjs'
import { pinnedPnpm, providePnpm } from './pnpm.mjs'
import { stage } from './stage.mjs'

/** What every command needs first. */
export async function prepare() {
  await stage(`pnpm ${pinnedPnpm()}`, providePnpm)
  await stage('Dependencies (a minute or two the first time)', installDependencies)
}
