import { channels, ConfigError, middleware, type CacheLookupMessage, type StepMiddleware } from '@hardening/core'
import { counter } from '../exposition/labelled.js'
import { BoundedMap } from './bounded-map.js'
import { CountingWindow } from './counting-window.js'
import { costOf, countOf, usageOf, type LlmCall, type LlmUsage } from './llm.js'
import { Operations, type OperationSummary } from './operations.js'
import { resolveTrackers, type TrackersOptions } from './options.js'
import type { SlowOperation } from './slowest.js'
import { monitorOf, wrap, type Monitor } from './wrap.js'

/** What was tracked within the window: plain data, ready for JSON. */
export interface TrackersSummary {
  readonly windowMs: number
  /** Those with calls, the slowest 95th percentile first. */
  readonly operations: readonly OperationSummary[]
  readonly caches: readonly { cache: string; lookups: number; hits: number; hitRate: number }[]
  readonly llm: readonly {
    provider: string
    model: string
    promptTokens: number
    completionTokens: number
    dollars: number
  }[]
  readonly events: readonly { event: string; count: number }[]
  /** Single operations beyond their threshold, the slowest first. */
  readonly slowest: readonly SlowOperation[]
}

/** Trackers that share a registry and a summary. */
export interface Trackers {
  /** Measures any function, synchronous or not; a decorator as well. `kind` chooses its threshold. @defaultValue kind `'function'` */
  monitor(name: string, kind?: string): Monitor
  /** Runs a query of a database and measures it. */
  trackQuery<Result>(name: string, run: () => Result): Result
  /** Runs a call of a language model and measures it, with its tokens and cost. A stream tells its usage by `report`. */
  trackLlm<Result>(call: LlmCall<Awaited<Result>>, run: (report: (usage: LlmUsage) => void) => Result): Result
  /** Counts a look-up in a cache of the application's own; those of the toolkit are counted anyway. */
  trackCache(cache: string, hit: boolean, durationMs?: number): void
  /** Counts something that matters to the business: `count('order_placed')`. */
  count(event: string, amount?: number): void
  /** Middleware that puts requests into the summary, by method and route template. */
  trackRequests(): StepMiddleware
  summary(): TrackersSummary
  /** Stops listening to caches. */
  close(): void
}

/**
 * Measures what an application does: functions, queries, language models, caches and events of the business, as
 * metrics, as a summary of the last minutes, and as reports of what was slow.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * const track = trackers({ registry: metrics.registry })
 * const price = track.monitor('price')(async (id: string) => load(id))
 * const rows = await track.trackQuery('orders.open', () => db.query(sql))
 */
export function trackers(options: TrackersOptions): Trackers {
  const resolved = resolveTrackers(options)
  const { registry, prefix, clock, windowMs, maxNames } = resolved
  const now = (): number => clock.monotonic()
  const operations = new Operations(resolved)
  const window = (): CountingWindow => new CountingWindow(clock, windowMs)
  const counts = (name: string, help: string, labels: readonly string[]) =>
    counter('trackers', registry, { name: prefix + name, help, labels, maxSeries: maxNames * 2 })
  const events = counts('business_events_total', 'Events of the business.', ['event'])
  const tokens = counts('llm_tokens_total', 'Tokens of language models.', ['provider', 'model', 'direction'])
  const dollars = counts('llm_cost_dollars_total', 'Cost of language models.', ['provider', 'model'])

  const recentEvents = new BoundedMap(maxNames, (event) => ({ event, window: window() }))
  const recentCaches = new BoundedMap(maxNames, (cache) => ({ cache, hits: window(), lookups: window() }))
  const recentModels = new BoundedMap(maxNames, (key) => {
    const [provider = key, model = key] = key.split('\u0000')
    return { provider, model, prompt: window(), completion: window(), dollars: window() }
  })

  const onLookup = ({ cache, outcome }: CacheLookupMessage): void => {
    if (outcome === 'bypass') return
    const recent = recentCaches.get(cache)
    recent.lookups.add(1)
    if (outcome !== 'miss') recent.hits.add(1)
  }
  channels.cacheLookup.subscribe(onLookup)

  function measured<Result>(kind: string, name: string, run: () => Result): Result {
    return wrap(run, now, (start, failed) => operations.record(kind, name, now() - start, failed))()
  }

  function addUsage(provider: string, model: string, usage: LlmUsage, cost: number): void {
    const promptTokens = countOf(usage.promptTokens)
    const completionTokens = countOf(usage.completionTokens)
    const spent = countOf(cost)
    const recent = recentModels.get(`${provider}\u0000${model}`)
    recent.prompt.add(promptTokens)
    recent.completion.add(completionTokens)
    recent.dollars.add(spent)
    tokens.with(provider, model, 'prompt').value += promptTokens
    tokens.with(provider, model, 'completion').value += completionTokens
    dollars.with(provider, model).value += spent
  }

  return {
    monitor(name, kind = 'function') {
      if (typeof name !== 'string' || name === '') throw new ConfigError('monitor', 'name', 'a name', name)
      const finish = (start: number, failed: boolean): void => operations.record(kind, name, now() - start, failed)
      return monitorOf((run) => wrap(run, now, finish))
    },
    trackQuery: (name, run) => measured('query', name, run),
    trackLlm(call, run) {
      const { provider, model, usage: readUsage = usageOf, cost } = call
      const priceOf = (usage: LlmUsage): number => costOf(usage, resolved.prices[model])
      let isReported = false
      const result = measured('llm', `${provider}/${model}`, () =>
        run((usage) => {
          isReported = true
          addUsage(provider, model, usage, priceOf(usage))
        }),
      )
      const read = (value: Awaited<typeof result>): void => {
        if (isReported) return
        const usage = readUsage(value)
        if (usage !== undefined) addUsage(provider, model, usage, cost?.(usage, value) ?? priceOf(usage))
      }
      // A reader that throws on an unforeseen answer must not be the call's failure.
      void Promise.resolve(result)
        .then(read)
        .catch(() => undefined)
      return result
    },
    trackCache(cache, hit, durationMs = 0) {
      channels.cacheLookup.publish({ cache, outcome: hit ? 'hit' : 'miss', level: hit ? 'memory' : 'none', durationMs })
    },
    count(event, amount = 1) {
      recentEvents.get(event).window.add(countOf(amount))
      events.with(event).value += countOf(amount)
    },
    trackRequests: () =>
      middleware({
        name: 'trackRequests',
        end(x) {
          const name = `${x.method} ${x.route}`
          operations.record('http', name, x.durationMs, x.status >= 500, x.context.requestId)
        },
      }),
    summary: () => ({
      windowMs,
      operations: operations.summaries(),
      caches: [...recentCaches.values()]
        .map(({ cache, hits, lookups }) => ({
          cache,
          lookups: lookups.sum,
          hits: hits.sum,
          hitRate: hits.sum / lookups.sum,
        }))
        .filter(({ lookups }) => lookups > 0),
      llm: [...recentModels.values()]
        .map(({ provider, model, prompt, completion, dollars: spent }) => ({
          provider,
          model,
          promptTokens: prompt.sum,
          completionTokens: completion.sum,
          dollars: spent.sum,
        }))
        .filter(({ promptTokens, completionTokens }) => promptTokens + completionTokens > 0),
      events: [...recentEvents.values()]
        .map((recent) => ({ event: recent.event, count: recent.window.sum }))
        .filter(({ count }) => count > 0),
      slowest: operations.slow.list(),
    }),
    close: () => void channels.cacheLookup.unsubscribe(onLookup),
  }
}
