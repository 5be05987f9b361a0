import type { Store } from 'express-rate-limit'

/** What the maker of a store is told of the policy it is for. */
export interface ExternalStorePolicy {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

/** Stores of express-rate-limit, one for each policy, or one that serves the only policy. */
export type ExternalStore = Store | ((policy: ExternalStorePolicy) => Store)
