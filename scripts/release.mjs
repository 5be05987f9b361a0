// `node scripts/release.mjs version | publish`: what the release workflow runs. `version` turns the change files into
// versions and changelogs; `publish` builds and publishes what the registry does not have yet.
import './lib/require-node.mjs'
import('./lib/run-release.mjs')
