import { describe, expect, it } from '@jest/globals'
import { slowRegexes } from '@hardening/test-utils'

describe('regular expressions', () => {
  it('[VA-4] C3 [VA-1] all take linear time on any input', async () => {
    const { count, slow } = await slowRegexes('packages/validation')
    expect(slow).toEqual([])
    expect(count).toBeGreaterThan(60)
  }, 600_000)
})
