import type { RedisArgument } from './client.js'
import type { RunCommands } from './commands.js'
import { Timed } from '../deadlines.js'

/** A call on its way. */
export class Call extends Timed<Call> {
  isSettled = false
  /** What is on its way for it, to be abandoned with it. */
  sent: { abandon(): void } | undefined = undefined
  /** Arguments of EVAL, should the server answer NOSCRIPT. */
  fallback: RedisArgument[] | undefined = undefined
  /** Whether its text replies stay bytes. */
  asBuffer = false
  /** The commands of a `run`: of those, an error that is not theirs is the function's own. */
  commands: RunCommands | undefined = undefined
  readonly ticket: number
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void

  constructor(ticket: number, resolve: (value: never) => void, reject: (error: unknown) => void) {
    super()
    this.ticket = ticket
    this.resolve = resolve
    this.reject = reject
  }
}
