// `npm install` by habit would ignore the lockfile and the catalog: say what to do instead.
if (!(process.env.npm_config_user_agent ?? '').startsWith('pnpm/')) {
  console.error(
    'This workspace is installed with pnpm. Run `npm start` (the demo) or `npm test`: both fetch pnpm and the\n' +
      'dependencies by themselves. To only install: `npx pnpm@10.34.8 install`.',
  )
  process.exit(1)
}
