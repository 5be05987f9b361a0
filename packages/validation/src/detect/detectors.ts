import type { Detector } from './detector.js'
import { xssDetector } from './html/detect-xss.js'
import { sqlDetector } from './sql/detect-sql-injection.js'

/** Every detector, in the order in which they look. */
export const allDetectors: readonly Detector[] = [sqlDetector, xssDetector]
