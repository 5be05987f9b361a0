import { systemClock, type Clock } from './clock.js'
import { Cohort } from './cohort.js'
import { newContext, runInContext, type RequestContext } from './context.js'
import { openExchange, type ExchangeRecord } from './exchange-record.js'
import { claimName, headerName } from './head/header-name.js'
import { compileHead, type StaticHead } from './head/static-head.js'
import type { Middleware, Next, RequestLike } from './http.js'
import { forgetWhenIdle } from './server/idle-connection.js'
import type { ContextMaker, Step } from './step.js'

const stepSlot: unique symbol = Symbol.for('@hardening/step@1')

/** Middleware that carries the steps it was made of. */
export type StepMiddleware = Middleware & { readonly [stepSlot]: readonly Step[] }

/** Plain Express middleware of one step. */
export function middleware(step: Step, options?: FuseOptions): StepMiddleware {
  return named(fuse([step], options), `${step.name}Middleware`)
}

/** The steps that a middleware of the toolkit was made of; none where it is somebody else's. */
export function stepsOf(middleware: unknown): readonly Step[] {
  if (typeof middleware !== 'function') return []
  return (middleware as Partial<StepMiddleware>)[stepSlot] ?? []
}

/** What {@link fuse} may be given. */
export interface FuseOptions {
  /** Where time comes from. @defaultValue the system's */
  clock?: Clock
  /**
   * Whether what follows the pass waits for the others: until eight requests are through it, or all that have arrived in
   * this turn of the event loop. Work of one kind done for all, then work of the next, finds its code in the processor's caches: under load
   * a server takes a quarter less time (Larus and Parkes, "Using Cohort Scheduling to Enhance Server Performance", USENIX
   * 2002). A request that comes alone waits some microseconds.
   *
   * @defaultValue `false`
   */
  cohorts?: boolean
}

/**
 * One pass of many steps, in their order: one exchange, one list of headers, one listener for the end. Synchronous where
 * all steps are.
 */
export function fuse(
  steps: readonly Step[],
  { clock = systemClock, cohorts = false }: FuseOptions = {},
): StepMiddleware {
  const pass = new Pass(steps, clock, cohorts)
  function hardeningMiddleware(...[req, res, next]: Parameters<Middleware>): void {
    pass.run(req, res, next)
  }
  return Object.assign(hardeningMiddleware, { [stepSlot]: steps }) as StepMiddleware
}

function named<F extends (...args: never[]) => unknown>(run: F, name: string): F {
  return Object.defineProperty(run, 'name', { value: name, configurable: true })
}

class Pass {
  readonly #steps: readonly Step[]
  readonly #requests: readonly Step[]
  /** The functions of {@link #requests}: looking each up on a step of another shape would cost more than many do. */
  readonly #functions: readonly Required<Step>['request'][]
  readonly #heads: readonly Step[]
  readonly #ends: readonly Step[]
  readonly #head: StaticHead | undefined
  readonly #context: ContextMaker | undefined
  readonly #makeContext: (req: RequestLike) => RequestContext
  readonly #clock: Clock
  readonly #cohort: Cohort | undefined

  constructor(steps: readonly Step[], clock: Clock, cohorts: boolean) {
    this.#steps = steps
    this.#requests = steps.filter((step) => step.request !== undefined)
    this.#functions = this.#requests.map((step) => (step as Required<Step>).request)
    this.#heads = steps.filter((step) => step.head !== undefined)
    this.#ends = steps.filter((step) => step.end !== undefined)
    for (const name of steps.flatMap((step) => step.names ?? [])) claimName(headerName(name))
    const headers = steps.flatMap((step) => step.headers ?? [])
    this.#head =
      headers.length === 0 ? undefined : compileHead(steps.length === 1 ? (steps[0] as Step).name : 'fuse', headers)
    this.#context = steps.find((step) => step.context !== undefined)?.context
    this.#makeContext = this.#context === undefined ? newContext : (req) => (this.#context as ContextMaker).make(req)
    this.#clock = clock
    this.#cohort = cohorts ? new Cohort((exchange, next) => this.#enter(exchange, next)) : undefined
  }

  run(req: RequestLike, res: Parameters<Middleware>[1], next: Next): void {
    const exchange = openExchange(req, res, this.#makeContext, this.#clock)
    exchange.join(this.#steps, this.#heads, this.#ends)
    if (this.#head !== undefined) exchange.setHeaders(this.#head)
    if (this.#context !== undefined && this.#context.async) {
      forgetWhenIdle(req)
      runInContext(exchange.context, this.#walk, this, exchange, 0, next)
    } else {
      this.#walk(this, exchange, 0, next)
    }
  }

  /** Runs the steps from `at` on; static in all but name, so that no closure is made where nothing waits. */
  readonly #walk = (pass: Pass, exchange: ExchangeRecord, at: number, next: Next): void => {
    const requests = pass.#requests
    const functions = pass.#functions
    for (; at < requests.length; at++) {
      let waiting: void | Promise<void>
      try {
        waiting = (functions[at] as Required<Step>['request']).call(requests[at], exchange)
      } catch (error) {
        next(error ?? new Error('A step threw nothing'))
        return
      }
      if (waiting !== undefined) {
        const after = at + 1
        exchange.hasWaited = true
        waiting.then(
          () => pass.#resume(exchange, after, next),
          (error: unknown) => next(error ?? new Error('A step rejected with nothing')),
        )
        return
      }
      if (exchange.settled) break
    }
    // Who has waited for something has come back together with the others already.
    if (pass.#cohort !== undefined && at === requests.length && !exchange.hasWaited) pass.#cohort.join(exchange, next)
    else pass.#leave(exchange, next)
  }

  #enter(exchange: ExchangeRecord, next: Next): void {
    // Whoever has gone meanwhile waits for no answer.
    if (!exchange.ended) this.#leave(exchange, next)
  }

  #resume(exchange: ExchangeRecord, at: number, next: Next): void {
    // Whoever waited may find the client gone: then there is nothing left to do.
    if (exchange.ended) return
    if (exchange.settled) this.#leave(exchange, next)
    else this.#walk(this, exchange, at, next)
  }

  #leave(exchange: ExchangeRecord, next: Next): void {
    if (!exchange.settled) return next()
    const { refusal } = exchange
    // An error handler, or middleware mounted behind one, starts afresh.
    exchange.settled = false
    exchange.refusal = undefined
    if (refusal !== undefined) next(refusal)
  }
}
