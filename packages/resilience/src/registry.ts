export { createBreakerRegistry } from './breaker/breaker-registry.js'
export type { BreakerRegistry } from './breaker/breaker-registry.js'
export type { BreakerControl, BreakerView } from './breaker/breaker-view.js'
