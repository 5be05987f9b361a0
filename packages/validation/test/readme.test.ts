import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { declaredMembers, Readme, readmeContract } from '@hardening/test-utils'

const root = join(__dirname, '..')
const readme = new Readme(root)

/** Every word that stands in code. */
const prose = readme.text.replace(/```[^]*?```/g, '').replace(/`` .*? ``/g, '')
const named = new Set([...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => (code as string).match(/\w+/g) ?? []))

/** Options of its factories, by the name of the interface. */
const options = [...declaredMembers(join(root, 'src'))].filter(
  ([name]) => /^(?!Resolved).*Options$/.test(name) && name !== 'RequestValidationErrorOptions',
)

describe('README', () => {
  readmeContract({ it, prefix: '[RP-4] ', readme, codes: 'ERR_VALIDATION_' })

  it('[RP-4] names every option of every factory of the package', () => {
    expect(options.length).toBeGreaterThan(15)
    const missing = options.flatMap(([name, members]) =>
      members.filter((member) => !named.has(member)).map((member) => `${name}.${member}`),
    )
    expect(missing).toEqual([])
  })
})
