import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secretIn } from '../checks/find-secrets.mjs'

// Put together here, so that the scan of this file finds nothing.
const secrets = {
  'private key': ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' '),
  'AWS access key': ['AKIA', 'QZ7XKJ3MVN2LPRWT'].join(''),
  'GitHub token': ['ghp', 'q8ZrXw2LmNvB7cKdJfHsTyUiOpAzSxDcVbGn'].join('_'),
  'npm token': ['npm', 'q8ZrXw2LmNvB7cKdJfHsTyUiOpAzSxDcVbGn'].join('_'),
  'password in an address': ['postgres://app:', 'q8ZrXw2LmN@db.company.net/app'].join(''),
}

for (const [kind, secret] of Object.entries(secrets)) {
  test(`[RP-3] the secrets scan finds a ${kind}`, () => assert.equal(secretIn(`  ${secret}`), kind))
}

for (const harmless of [
  'AKIAIOSFODNN7EXAMPLE',
  'postgres://postgres:q8ZrXw2LmN@localhost:5432/postgres',
  'postgres://app:q8ZrXw2LmN@db:5432/app',
  'redis://127.0.0.1:6379',
  'sha512-pVXSwPsLuw8IGLo2Di0EaOfsk+ntVvpkk942J/sHYIkwvtKUakEcPh7HBgZ6tuimgzKSEHgCvO4XgQ05DEbwDw==',
]) {
  test(`[RP-3] the secrets scan passes ${harmless.slice(0, 40)}`, () => assert.equal(secretIn(harmless), undefined))
}
