/**
 * The code of an error reply (`WRONGTYPE`, `NOSCRIPT`), or `undefined` where the error is none: error replies begin
 * with a word in capitals, and errors of sockets have a `code`, in Node, ioredis and node-redis alike.
 */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) && (typeof error !== 'object' || error === null)) return undefined
  const { message, code } = error as { message?: unknown; code?: unknown }
  if (typeof message !== 'string' || typeof code === 'string') return undefined
  return /^-?([A-Z][A-Z0-9_]{1,31})(?= |$)/.exec(message)?.[1]
}

/** Codes by which a server that is reachable says that it cannot serve at the moment. */
const refusals: ReadonlySet<string> = new Set([
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'BUSY',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
])

/** Whether the code of an error reply means that the store is out of service, not that the command was wrong. */
export function isRefusal(code: string): boolean {
  return refusals.has(code)
}

/** Takes the arguments off an error that ioredis has put them on: they are data of users, and errors get logged. */
export function withoutArguments(error: unknown): unknown {
  const failed = error as { command?: { name?: unknown; args?: unknown } } | null
  if (typeof failed === 'object' && failed?.command?.args !== undefined) failed.command = { name: failed.command.name }
  return error
}

/** Whether the caller made a mistake in what it passes: no client reports a lost connection by these. */
export function isMistake(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError
}
