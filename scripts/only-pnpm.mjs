// Runs before an install: any other package manager would ignore the lockfile and the catalog.
import { readFileSync } from 'node:fs'

if (!(process.env.npm_config_user_agent ?? '').startsWith('pnpm/')) {
  const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  console.error(
    'This workspace is installed with pnpm. Run `npm start` (the demo) or `npm test`: each does the whole set-up.\n' +
      `To only install: \`npx ${packageManager} install\`.`,
  )
  process.exit(1)
}
