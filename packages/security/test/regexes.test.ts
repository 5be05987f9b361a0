import { describe, expect, it } from '@jest/globals'
import { slowRegexes } from '@hardening/test-utils'

describe('regular expressions', () => {
  it('[SE-5] all take linear time on any input', async () => {
    const { count, slow } = await slowRegexes('packages/security')
    expect(slow).toEqual([])
    expect(count).toBeGreaterThan(30)
  }, 600_000)
})
