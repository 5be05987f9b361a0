import { redisBinary } from './redis-server.js'

/** What a test may need that cannot be had everywhere. */
export type Service = 'redis' | 'postgres'

interface TestFunction {
  (title: string, run: () => unknown, timeout?: number): void
  skip(title: string, run: () => unknown): void
}

const services: Readonly<Record<Service, { isThere(): boolean; how: string }>> = {
  redis: {
    isThere: () => redisBinary() !== undefined,
    how: 'install redis-server, or set TEST_REDIS_SERVER to its path',
  },
  postgres: {
    isThere: () => Boolean(process.env['TEST_DATABASE_URL']),
    how: 'set TEST_DATABASE_URL to a database on which databases may be created',
  },
}

/** Whether the tests can use a service here. */
export function hasService(service: Service): boolean {
  return services[service].isThere()
}

/**
 * Declares a test that needs a service. Without the service it is skipped, and counted as such; with `CI=true`, where
 * a test that silently did not run would pass for proof, it fails.
 */
export function itWith(service: Service, title: string, run: () => unknown, timeout?: number): void {
  // The global one, since `@jest/globals` cannot be loaded outside Jest, where other helpers of this package are used.
  const { it } = globalThis as unknown as { it: TestFunction }
  if (hasService(service)) it(title, run, timeout)
  else if (process.env['CI'] === 'true') it(title, () => missing(service))
  else it.skip(title, run)
}

function missing(service: Service): never {
  throw new Error(`${service} is not available: ${services[service].how}`)
}
