/** Where a response keeps its exchange. Registered, so that two copies of this package share one record. */
export const exchangeSlot: unique symbol = Symbol.for('@hardening/exchange@1')
