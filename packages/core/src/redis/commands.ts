import type { RedisArgument } from './client.js'
import { RedisUnavailableError } from './errors.js'
import { isMistake, replyCode, withoutArguments } from './reply.js'
import type { Sender, SentCommand } from './send.js'

/** What `run` hands to its function: commands that are written at most once, and not after the time-out. */
export interface RedisCommands {
  call(command: string, ...args: RedisArgument[]): Promise<unknown>
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>
}

/** The commands of one `run`. */
export class RunCommands implements RedisCommands {
  /** Errors of the connection, as opposed to those of the function. */
  readonly #lost = new Set<unknown>()
  readonly #send: Sender
  readonly #name: string
  readonly #sent: SentCommand[] = []
  #isAbandoned = false

  constructor(send: Sender, name: string) {
    this.#send = send
    this.#name = name
  }

  call(command: string, ...args: RedisArgument[]): Promise<unknown> {
    return this.#start(command, args, false)
  }

  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown> {
    return this.#start(command, args, true)
  }

  /** Whether this is an error of the connection, as opposed to one of the function. */
  hasLost(error: unknown): boolean {
    return this.#lost.has(error)
  }

  /** Whether any command was lost on the way. */
  get hasFailed(): boolean {
    return this.#lost.size > 0
  }

  abandon(): void {
    this.#isAbandoned = true
    for (const sent of this.#sent) sent.abandon()
  }

  #start(command: string, args: RedisArgument[], asBuffer: boolean): Promise<unknown> {
    if (this.#isAbandoned) return Promise.reject(new RedisUnavailableError(this.#name, 'timeout'))
    const sent = this.#send(command, args, asBuffer)
    this.#sent.push(sent)
    const promise = sent.promise.catch((error: unknown) => {
      if (replyCode(error) === undefined && !isMistake(error)) this.#lost.add(error)
      throw withoutArguments(error)
    })
    // A function that sends two and waits for one after the other leaves the second alone if the first one fails.
    promise.catch(() => undefined)
    return promise
  }
}
