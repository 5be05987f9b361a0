import { replyCode } from './reply.js'
import type { RedisArgument, RedisLike } from './client.js'

/** A command on its way. */
export interface SentCommand {
  readonly promise: Promise<unknown>
  /** Nobody waits for the reply any more: if it has not been written yet, or is to be written again, it is not. */
  abandon(): void
}

/** Sends a command that is written to the server at most once. */
export type Sender = (command: string, args: readonly RedisArgument[], asBuffer: boolean) => SentCommand

/** How an adapter brings its own way to send a command at most once. */
export const sendOnce: unique symbol = Symbol.for('@hardening/redis-send-once') as never

/** The way to send commands over this client, each at most once where the client lets us. */
export function senderOf(client: RedisLike): Sender {
  const own = (client as { [sendOnce]?: Sender })[sendOnce]
  if (own !== undefined) return own.bind(client)
  const Command = commandClassOf(client)
  if (Command === undefined) return plainSender(client)
  const io = client as unknown as IoClient
  const keyPrefix = io.options?.keyPrefix ?? ''
  const text: CommandOptions = { keyPrefix, replyEncoding: 'utf8' }
  const bytes: CommandOptions = { keyPrefix, replyEncoding: null }
  const OnceCommand = onceCommandOf(Command)
  return (name, args, asBuffer) => {
    const command = new OnceCommand(name, args, asBuffer ? bytes : text)
    io.sendCommand(command)
    return command
  }
}

function plainSender(client: RedisLike): Sender {
  const call = async (command: string, args: readonly RedisArgument[], asBuffer: boolean): Promise<unknown> =>
    asBuffer ? client.callBuffer(command, ...args) : client.call(command, ...args)
  return (command, args, asBuffer) => ({
    promise: call(command, args, asBuffer),
    abandon: () => undefined,
  })
}

interface CommandOptions {
  readonly keyPrefix: string
  readonly replyEncoding: 'utf8' | null
}

interface IoCommand {
  readonly promise: Promise<unknown>
  reject(error: Error): void
  toWritable(socket: unknown): string | Buffer
}

type IoCommandClass = new (name: string, args: readonly RedisArgument[], options: CommandOptions) => IoCommand

interface IoClient {
  readonly options?: { readonly keyPrefix?: string }
  sendCommand(command: IoCommand): unknown
}

/**
 * The class of which this ioredis makes its commands: `call` hands one to `sendCommand`, here to that of a stand-in.
 * `undefined` for anything that is not ioredis.
 */
function commandClassOf(client: RedisLike): IoCommandClass | undefined {
  if (typeof (client as Partial<IoClient>).sendCommand !== 'function') return undefined
  let seen: Partial<IoCommand> | undefined
  const standIn = { options: {}, sendCommand: (command: IoCommand) => void (seen = command) }
  try {
    void client.call.call(standIn as never, 'ping')
  } catch {
    return undefined
  }
  const isCommand = typeof seen?.toWritable === 'function' && typeof seen.reject === 'function'
  return isCommand ? ((seen as object).constructor as IoCommandClass) : undefined
}

// One subclass for each copy of ioredis, so that its commands keep one hidden class.
const onceCommands = new WeakMap<IoCommandClass, ReturnType<typeof makeOnceCommand>>()

function onceCommandOf(Command: IoCommandClass): ReturnType<typeof makeOnceCommand> {
  let made = onceCommands.get(Command)
  if (made === undefined) {
    made = makeOnceCommand(Command)
    onceCommands.set(Command, made)
  }
  return made
}

type Reject = (error: Error) => void

/** What is written in place of a command that must not be carried out (again): harmless, and with one reply as well. */
const harmless = '*1\r\n$4\r\nPING\r\n'

/**
 * By default ioredis keeps what is waiting for a reply when the connection breaks and sends it again on the next one,
 * and a cluster tries it on another node. An increment would count twice, long after its caller has gone on without.
 * A command asks for its bytes each time it is written, which is where this one declines.
 */
function makeOnceCommand(
  Command: IoCommandClass,
): new (name: string, args: readonly RedisArgument[], options: CommandOptions) => IoCommand & SentCommand {
  class OnceCommand extends Command implements SentCommand {
    declare isAbandoned: boolean
    declare isUnanswered: boolean
    declare ownReject: Reject | undefined
    declare currentReject: Reject

    abandon(): void {
      this.isAbandoned = true
    }

    override toWritable(socket: unknown): string | Buffer {
      if (this.isAbandoned || this.isUnanswered) return harmless
      this.isUnanswered = true
      return super.toWritable(socket)
    }

    rejectOnce(error: Error, reject: Reject): void {
      // An error reply means that it was not carried out: a cluster may follow a redirect with it.
      if (replyCode(error) !== undefined) this.isUnanswered = false
      const decide = this.isUnanswered || this.isAbandoned ? this.ownReject : reject
      decide?.call(this, error)
    }
  }
  // On the prototype, since the constructor of the base assigns `reject` and a cluster replaces it.
  Object.assign(OnceCommand.prototype, { isAbandoned: false, isUnanswered: false, ownReject: undefined })
  Object.defineProperty(OnceCommand.prototype, 'reject', {
    get(this: OnceCommand): Reject {
      const reject = this.currentReject
      return (error) => this.rejectOnce(error, reject)
    },
    set(this: OnceCommand, reject: Reject) {
      this.ownReject ??= reject
      this.currentReject = reject
    },
  })
  return OnceCommand
}
