import { isHardeningError } from '@hardening/core'
import { harmless, permanent, property, transient, unreached, type Classifier, type Judgement } from './judgement.js'

/** The first word of an error that Redis answers with. Refused before anything was done, but for `NOREPLICAS`. */
const replies: Readonly<Record<string, Judgement>> = {
  LOADING: unreached,
  BUSY: unreached,
  TRYAGAIN: unreached,
  CLUSTERDOWN: unreached,
  MASTERDOWN: unreached,
  READONLY: unreached,
  OOM: unreached,
  NOREPLICAS: unreached,
  MISCONF: permanent,
  MOVED: unreached,
  ASK: unreached,
  UNBLOCKED: transient,
}
/** What ioredis and node-redis say of connections. */
const messages: readonly (readonly [part: string, judgement: Judgement])[] = [
  ["Stream isn't writeable", unreached],
  ['Connection is closed', transient],
  ['Command timed out', transient],
  ['Socket closed unexpectedly', transient],
  ['Reached the max retries per request limit', transient],
  ['The client is closed', unreached],
  ['The client is offline', unreached],
]

/** Errors that Redis answers with, those of ioredis and node-redis, and of the toolkit's own guard. */
export const redisErrors: Classifier = {
  error(error) {
    if (isHardeningError(error, 'ERR_REDIS_UNAVAILABLE')) {
      const reason = property(error, 'reason')
      return reason === 'timeout' || reason === 'connection' ? transient : unreached
    }
    const message = property(error, 'message')
    if (typeof message !== 'string') return undefined
    const name = property(error, 'name')
    if (name === 'ReplyError' || name === 'SimpleError' || name === 'ErrorReply') {
      return replies[message.slice(0, 16).split(' ', 1)[0] as string] ?? harmless
    }
    return messages.find(([part]) => message.startsWith(part))?.[1]
  },
}
