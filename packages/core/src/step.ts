import type { RequestContext } from './context.js'
import type { Exchange } from './exchange.js'
import type { RequestLike } from './http.js'

/**
 * What a package does to an exchange: plain data and functions, made once at creation. `middleware` mounts one,
 * `fuse` makes one pass of many.
 */
export interface Step {
  /** Name of the factory that made it: `secureHeaders`. */
  readonly name: string
  /** Response headers that never change. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Names of headers of the application's that the step looks for: see {@link Exchange.meets}. */
  readonly names?: readonly string[]
  /**
   * Sees the request. Refuse with {@link Exchange.refuse}, answer with {@link Exchange.answer}, or let it pass. A
   * promise is waited for; return none where nothing waits, so that the pass stays synchronous.
   */
  request?(exchange: Exchange): void | Promise<void>
  /** Sees the response before its head goes out: the last moment for headers. Must not wait. */
  head?(exchange: Exchange): void
  /** Called once, when the response has ended or its connection has died. */
  end?(exchange: Exchange): void
  /** Makes the context of the request; the first of a pass that has it wins. */
  readonly context?: ContextMaker
}

/** How the context step makes contexts. */
export interface ContextMaker {
  make(req: RequestLike): RequestContext
  /** Whether what follows runs inside the context, so that `currentContext()` finds it. */
  readonly async: boolean
}
