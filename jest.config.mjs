import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What every package's tests have in common: sources compiled by swc, read through the source condition. */
export function project(name, rootDir) {
  return {
    displayName: name,
    rootDir,
    testEnvironment: 'node',
    testEnvironmentOptions: {
      customExportConditions: ['@hardening/source', 'node', 'node-addons'],
      // Jest's clean-up wraps what outlives a test file, such as child processes, until a setter calls itself.
      globalsCleanup: 'off',
    },
    testMatch: ['<rootDir>/test/**/*.test.ts'],
    extensionsToTreatAsEsm: [],
    transform: {
      '^.+\\.[cm]?[jt]s$': [
        '@swc/jest',
        {
          jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
          module: { type: 'commonjs' },
        },
      ],
    },
    // Published as ES modules alone; everything else in node_modules is left as it is.
    transformIgnorePatterns: ['/node_modules/(?!.*(jose|lru-cache)/)'],
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  }
}

const folders = (parent) =>
  readdirSync(new URL(parent, import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(entry.parentPath, entry.name, 'jest.config.mjs')))
    .map((entry) => `<rootDir>/${parent}/${entry.name}`)

export default {
  // Real servers and processes on a busy machine take their time; nothing waits for this where all is well.
  testTimeout: 30_000,
  projects: [...folders('packages'), ...folders('internal'), ...folders('apps')],
}
