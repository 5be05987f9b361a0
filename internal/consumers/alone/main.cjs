// The one package of ours in package.json: it loads both ways, and both ways lead to the same things.
const assert = require('node:assert/strict')

const name = process.env.HARDENING_CONSUMER_PACKAGE
const required = require(name)
import(name).then((imported) => {
  assert.ok(Object.keys(required).length > 0, `${name} exports nothing`)
  for (const key of Object.keys(required)) {
    assert.equal(imported[key], required[key], `${name}: \`${key}\` is another one by import than by require`)
  }
})
