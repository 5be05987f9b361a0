import type { Redis } from 'ioredis'

/** The client's class. Its modules are loaded by the first call: who counts in memory pays for none of them. */
export declare function loadRedis(): typeof Redis
