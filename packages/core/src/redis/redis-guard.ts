import type { Duration } from '../duration.js'
import type { RedisGuardListener } from './announcer.js'
import type { RedisArgument } from './client.js'
import type { RedisCommands } from './commands.js'
import type { RedisUnavailableReason } from './errors.js'
import type { RedisScript } from './script.js'

/** A Redis connection that never hangs, never crashes the process and never carries anything out late. */
export interface RedisGuard {
  readonly name: string
  /** Whether a call would be tried now. Costs next to nothing: ask before working out what to send. */
  readonly available: boolean
  readonly state: 'up' | 'degraded'
  /** Why it is degraded; `undefined` while it is up. */
  readonly reason: RedisUnavailableReason | undefined
  /** Runs a script: EVALSHA, and EVAL where the server does not know it. @throws RedisUnavailableError */
  script<T = unknown>(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<T>
  /** Runs a script; text replies stay bytes. @throws RedisUnavailableError */
  scriptBuffer<T = unknown>(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<T>
  /** Sends one command. @throws RedisUnavailableError */
  command<T = unknown>(command: string, ...args: RedisArgument[]): Promise<T>
  /** Sends one command; text replies stay bytes. @throws RedisUnavailableError */
  commandBuffer<T = unknown>(command: string, ...args: RedisArgument[]): Promise<T>
  /**
   * Runs several commands under one time-out. Use what the function is given for whatever writes: a client called
   * directly may queue a command and carry it out after the time-out.
   *
   * @throws RedisUnavailableError; errors of the function itself, and replies such as WRONGTYPE, come through as they are.
   */
  run<T>(fn: (redis: RedisCommands) => T | Promise<T>, options?: { timeout?: Duration }): Promise<T>
  on(event: 'degraded' | 'recovered', listener: RedisGuardListener): this
  off(event: 'degraded' | 'recovered', listener: RedisGuardListener): this
  /** Ends timers and listeners and refuses what is on the way. The client stays as it is. */
  close(): void
}
