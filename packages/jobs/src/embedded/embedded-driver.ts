import type { Clock } from '@hardening/core'
import type { JobsDriver } from '../driver.js'
import { EmbeddedQueue } from './embedded-queue.js'

/** Keeps jobs in the memory of this process: they end with it. */
export function createEmbeddedDriver(clock: Clock): JobsDriver {
  const done = Promise.resolve()
  return {
    name: 'embedded',
    isDurable: false,
    ready: () => done,
    queue: (settings) => new EmbeddedQueue(settings, clock),
    ping: () => done,
    close: () => done,
  }
}
