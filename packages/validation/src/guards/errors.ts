import { channels, HttpError } from '@hardening/core'

const attack = 'The request was refused because it looks like an attack.'

/** What the refusals of all guards have in common. Making one tells it on the channel `hardening:threat:found`. */
abstract class GuardError extends HttpError {
  /** What the input did, or what is wrong with it, for logs: `spans several tokens`. Never the input. */
  readonly reason: string

  constructor(kind: string, guard: string, status: 400 | 403, detail: string, reason: string, cause?: unknown) {
    const code = `ERR_VALIDATION_${guard.toUpperCase()}_GUARD` as const
    super(status, detail, cause === undefined ? { code } : { code, cause })
    this.reason = reason
    if (channels.threat.hasSubscribers)
      channels.threat.publish({ kind, rule: `${guard}-guard`, score: 5, field: 'sink', blocked: true })
  }
}

/** Request input changed the structure of an SQL statement. Code `ERR_VALIDATION_SQL_GUARD`, status 403. */
export class SqlGuardError extends GuardError {
  constructor(reason: string) {
    super('sql-injection', 'sql', 403, attack, reason)
  }
}

/** Request input changed the structure of a command. Code `ERR_VALIDATION_SHELL_GUARD`, status 403. */
export class ShellGuardError extends GuardError {
  constructor(reason: string) {
    super('command-injection', 'shell', 403, attack, reason)
  }
}

/** A path leads out of the folder it has to stay in, or is no plain path. Code `ERR_VALIDATION_PATH_GUARD`, status 400. */
export class PathGuardError extends GuardError {
  constructor(reason: string) {
    super('path-traversal', 'path', 400, 'The path is not allowed.', reason)
  }
}

/** A URL leads to where requests of this server must not go. Code `ERR_VALIDATION_URL_GUARD`, status 400. */
export class UrlGuardError extends GuardError {
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super('ssrf', 'url', 400, 'The URL is not allowed.', reason, options.cause)
  }
}

/** Request input put operators or script into a query of MongoDB. Code `ERR_VALIDATION_MONGO_GUARD`, status 403. */
export class MongoGuardError extends GuardError {
  constructor(reason: string) {
    super('nosql-injection', 'mongo', 403, attack, reason)
  }
}
