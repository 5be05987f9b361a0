/** What the function that makes a call is told. Fit to be passed on as options: `fetch(url, attempt)`. */
export interface Attempt {
  /** Fires when this attempt is given up: by its time-out, by the caller, or because another one was faster. */
  readonly signal: AbortSignal
  /** 1 for the first attempt, 2 for the first retry ... */
  readonly attempt: number
  /** Milliseconds left for the call; `Infinity` without a time-out around it. To be handed on as a deadline. */
  readonly remainingMs: number
}

/** The call itself. */
export type Operation<Result> = (attempt: Attempt) => Result | PromiseLike<Result>

/** What one call may say beside what its policy says. */
export interface CallOptions {
  /** Ends the call. @defaultValue the signal of the request that is being served, if one is */
  signal?: AbortSignal | null | undefined
  /**
   * Whether doing it twice does no harm. Where not, only failures that surely had no effect, such as a refused
   * connection, are tried again.
   *
   * @defaultValue what the policy says, else `false`
   */
  idempotent?: boolean | undefined
  /** Whether there is one attempt only, whatever happens: its input is used up by it. @defaultValue `false` */
  once?: boolean | undefined
  /** Milliseconds that are left for this call. @defaultValue what the request that is being served has left */
  remainingMs?: number | undefined
}
