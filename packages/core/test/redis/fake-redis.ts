import { EventEmitter } from 'node:events'
import type { RedisArgument, RedisLike } from '../../src/redis/client.js'

interface Pending {
  readonly command: string
  readonly args: readonly RedisArgument[]
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** An error reply as ioredis gives it. */
export function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' })
}

/** A client whose server is the test: it answers when told to. */
export class FakeRedis extends EventEmitter implements RedisLike {
  status = 'ready'
  readonly pending: Pending[] = []
  readonly seen: string[] = []
  connects = 0
  answer: ((command: string, args: readonly RedisArgument[]) => unknown) | undefined

  call(command: string, ...args: RedisArgument[]): Promise<unknown> {
    this.seen.push(command)
    return new Promise((resolve, reject) => {
      if (this.answer === undefined) {
        this.pending.push({ command, args, resolve, reject })
        return
      }
      const answer = this.answer(command, args)
      if (answer instanceof Error) reject(answer)
      else if (answer !== undefined) resolve(answer)
      else this.pending.push({ command, args, resolve, reject })
    })
  }

  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown> {
    return this.call(command, ...args)
  }

  /** The connection breaks. */
  drop(error: Error = new Error('read ECONNRESET')): void {
    this.status = 'reconnecting'
    this.emit('error', error)
    this.emit('close')
  }

  /** The connection stands (again). */
  ready(): void {
    this.status = 'ready'
    this.emit('ready')
  }

  /** How often a command was sent. */
  count(command: string): number {
    return this.seen.filter((seen) => seen === command).length
  }

  duplicate(): RedisLike {
    return new FakeRedis()
  }

  async connect(): Promise<void> {
    this.connects++
  }

  disconnect(): void {
    this.status = 'end'
    this.emit('end')
  }

  async subscribe(): Promise<unknown> {
    return 1
  }

  async unsubscribe(): Promise<unknown> {
    return 0
  }
}
