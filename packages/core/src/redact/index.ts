export type { RedactorLimits } from './limits.js'
export { createRedactor, personalKeys } from './redactor.js'
export type { Redactor, RedactorOptions } from './redactor.js'
