import { ConfigError } from '@hardening/core'
import type { CallOptions } from './call/attempt.js'
import type { Policy } from './policy.js'

type Method = (this: never, ...args: never[]) => unknown

/** What {@link protectedBy} gives: a decorator of methods, of the standard's form and of TypeScript's older one. */
export interface MethodDecorator {
  <M extends Method>(method: M, context: ClassMethodDecoratorContext): M
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): void
}

/**
 * Puts a method under a policy. It is called with the arguments of the call, then the attempt, and `this` is kept; it must
 * return a promise.
 *
 * @example
 * class Billing {
 *   \@protectedBy(billing, { idempotent: true })
 *   async invoice(id: string, attempt?: Attempt): Promise<Invoice> { ... }
 * }
 */
export function protectedBy(policy: Policy<unknown>, options?: CallOptions): MethodDecorator {
  const protect = (method: unknown): unknown => {
    if (typeof method !== 'function') throw new ConfigError('protectedBy', 'method', 'a method', method)
    return policy.wrap(method as (this: unknown, ...args: unknown[]) => unknown, options)
  }
  return ((target: unknown, _: unknown, descriptor?: PropertyDescriptor) => {
    if (descriptor === undefined) return protect(target)
    descriptor.value = protect(descriptor.value)
    return undefined
  }) as MethodDecorator
}
