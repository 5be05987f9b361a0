import type { rateLimit } from 'express-rate-limit'

/** The library's factory. Its modules are loaded by the first call: who has no store of its pays for none of them. */
export declare function loadExpressRateLimit(): typeof rateLimit
