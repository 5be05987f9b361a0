import type { Settings } from '@hardening/kit'
import { demoUser } from './first-start.js'

/** What the greeting tells of. */
export interface Greeting {
  readonly port: number
  readonly settings: Settings
  readonly database: 'postgres' | 'pglite'
  readonly redis: boolean
  /** Who works on jobs: a process of its own, by way of Redis, or the server's. */
  readonly jobs: 'worker' | 'server'
  /** Whether the tokens were made just now: then they are shown, this once. */
  readonly newTokens: boolean
  /** Shown once: what is kept is its hash. */
  readonly newPassword: string | undefined
}

/** What a person reads when the demo has started: where it is, and what to try. */
export function greeting({ port, settings, database, redis, jobs, newPassword, newTokens }: Greeting): string {
  const url = `http://localhost:${port}`
  const bearer = (token: string | undefined): string =>
    `-H 'authorization: Bearer ${newTokens ? token : '<from apps/demo/data/secrets.json>'}'`
  const login =
    newPassword === undefined
      ? ''
      : `
  Demo login, made now and shown this once:
    e-mail    ${demoUser}
    password  ${newPassword}
`
  return `
  Hardening demo: ${url}
  Database: ${database === 'postgres' ? 'Postgres (DATABASE_URL)' : 'PGlite, in apps/demo/data'}.  Limits and cache: ${redis ? 'Redis (REDIS_URL)' : 'memory'}.
  Jobs: ${jobs === 'worker' ? 'a worker process, by way of Redis' : 'in this process; with REDIS_URL in a process of their own'}.
${login}
  Try:
    curl -i ${url}/api/projects                     headers, request id, limits
    curl -i ${url}/api/nothing                      an error as a problem (RFC 9457)
    curl -i ${url}/api/projects -X POST -H 'content-type: application/json' -d '{'
    curl -s ${url}/health                           ready or not
    curl -s ${url}/health/detailed ${bearer(settings.healthToken)}
    curl -s ${url}/metrics ${bearer(settings.metricsToken)}
    for i in $(seq 70); do curl -s -o /dev/null -w '%{http_code} ' ${url}/api/projects; done

  Ctrl-C stops it.

`
}
