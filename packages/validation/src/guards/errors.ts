import { channels, HttpError } from '@hardening/core'

function tell(kind: string, rule: string): void {
  if (channels.threat.hasSubscribers) channels.threat.publish({ kind, rule, score: 5, field: 'sink', blocked: true })
}

/** Request input changed the structure of an SQL statement. Code `ERR_VALIDATION_SQL_GUARD`, status 403. */
export class SqlGuardError extends HttpError {
  /** What the input did, for logs: `spans several tokens`. Never the input. */
  readonly reason: string
  constructor(reason: string) {
    super(403, 'The request was refused because it looks like an attack.', { code: 'ERR_VALIDATION_SQL_GUARD' })
    this.reason = reason
    tell('sql-injection', 'sql-guard')
  }
}

/** Request input changed the structure of a command. Code `ERR_VALIDATION_SHELL_GUARD`, status 403. */
export class ShellGuardError extends HttpError {
  /** What the input did, for logs. Never the input. */
  readonly reason: string
  constructor(reason: string) {
    super(403, 'The request was refused because it looks like an attack.', { code: 'ERR_VALIDATION_SHELL_GUARD' })
    this.reason = reason
    tell('command-injection', 'shell-guard')
  }
}

/** A path leads out of the folder it has to stay in, or is no plain path. Code `ERR_VALIDATION_PATH_GUARD`, status 400. */
export class PathGuardError extends HttpError {
  /** What is wrong with the path, for logs. Never the path. */
  readonly reason: string
  constructor(reason: string) {
    super(400, 'The path is not allowed.', { code: 'ERR_VALIDATION_PATH_GUARD' })
    this.reason = reason
    tell('path-traversal', 'path-guard')
  }
}

/** A URL leads to where requests of this server must not go. Code `ERR_VALIDATION_URL_GUARD`, status 400. */
export class UrlGuardError extends HttpError {
  /** What is wrong with the URL, for logs. Never the URL. */
  readonly reason: string
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(400, 'The URL is not allowed.', { code: 'ERR_VALIDATION_URL_GUARD', ...options })
    this.reason = reason
    tell('ssrf', 'url-guard')
  }
}

/** Request input put operators or script into a query of MongoDB. Code `ERR_VALIDATION_MONGO_GUARD`, status 403. */
export class MongoGuardError extends HttpError {
  /** What the input did, for logs. Never the input. */
  readonly reason: string
  constructor(reason: string) {
    super(403, 'The request was refused because it looks like an attack.', { code: 'ERR_VALIDATION_MONGO_GUARD' })
    this.reason = reason
    tell('nosql-injection', 'mongo-guard')
  }
}
