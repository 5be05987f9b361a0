import type { Algorithm } from './algorithm.js'
import { fixedWindow } from './fixed-window.js'
import { slidingWindow } from './sliding-window.js'
import { tokenBucket } from './token-bucket.js'

/** How a policy counts. */
export type RateLimitAlgorithm = 'sliding-window' | 'fixed-window' | 'token-bucket'

/** Every algorithm by the name that options use. */
export const algorithms: Readonly<Record<RateLimitAlgorithm, Algorithm>> = {
  'sliding-window': slidingWindow,
  'fixed-window': fixedWindow,
  'token-bucket': tokenBucket,
}
