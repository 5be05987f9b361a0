import { ServiceError } from '@hardening/errors'
import { isHttpError } from '@hardening/core'
import type { Kit } from '@hardening/kit'
import {
  consecutive,
  resilientFetch,
  type BreakerRegistry,
  type BreakerView,
  type CallStats,
} from '@hardening/resilience'
import { createModel, type Summary } from './model.js'
import { UpstreamServer, type Fault } from './upstream-server.js'

/** What the control room shows. */
export interface UpstreamView {
  readonly fault: Fault
  /** Requests that have reached the service. */
  readonly requests: number
  readonly breaker: BreakerView
  readonly stats: CallStats
}

/** The service with everything that protects the demo from it. */
export interface Upstream {
  /** What the service answers. */
  rates(): Promise<unknown>
  /** What a model makes of a text. */
  summarize(text: string): Promise<Summary>
  setFault(fault: Fault): Promise<void>
  view(): UpstreamView
  close(): Promise<void>
}

/** Short times, so that a person need not wait to see them. */
export function createUpstream(breakers: BreakerRegistry, trackers: Kit['trackers']): Upstream {
  const server = new UpstreamServer()
  const fetchRates = resilientFetch('rates', {
    timeout: 500,
    totalTimeout: '4s',
    retry: { retries: 2, backoff: { initial: 100, max: '1s' } },
    breaker: { opens: consecutive(3), openFor: ['3s', '15s'] },
    bulkhead: { limit: 20 },
    registry: breakers,
  })
  async function rates(): Promise<unknown> {
    try {
      const response = await fetchRates(await server.url('/rates'))
      if (response.ok) return await response.json()
      throw new ServiceError('rates', `The service answered ${response.status}`)
    } catch (error) {
      // A refused connection is the service's failure, not an error of this program.
      throw isHttpError(error) ? error : new ServiceError('rates', 'The service does not answer', { cause: error })
    }
  }
  const model = createModel(() => server.url('/completions'), breakers, trackers)
  return {
    summarize: (text) => model.summarize(text),
    rates: trackers?.monitor('rates', 'upstream')(rates) ?? rates,
    setFault: (fault) => server.setFault(fault),
    view() {
      const { name, state, mode, retryAfterMs } = breakers.get('rates') as BreakerView
      const { fault, requests } = server
      return { fault, requests, breaker: { name, state, mode, retryAfterMs }, stats: fetchRates.protection.stats() }
    },
    close() {
      fetchRates.protection.close()
      model.protection.close()
      return server.close()
    },
  }
}
