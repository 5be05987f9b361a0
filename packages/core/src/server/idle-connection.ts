import { AsyncResource } from 'node:async_hooks'
import { Socket } from 'node:net'
import type { RequestLike } from '../http.js'

/** On connections that have been seen to. */
const seenSlot: unique symbol = Symbol('@hardening/idle-connection')

type Connection = Socket & { [seenSlot]?: true; _httpMessage?: unknown }

/** Where no request is. */
const outside = new AsyncResource('HardeningIdleConnection')

/**
 * Lets a connection that waits for its next request hold nothing of the last one. The timer by which Node ends such a wait
 * is set while the answer ends, in its context, and would keep that context, with all that is in it, for as long as the
 * connection is open.
 */
export function forgetWhenIdle(req: RequestLike): void {
  const connection = req.socket as Connection
  if (connection[seenSlot]) return
  connection[seenSlot] = true
  // Over HTTP/2 `req.socket` stands for the session; and what somebody has put in its place is theirs.
  if (req.httpVersionMajor > 1 || connection.setTimeout !== setTimeout) return
  connection.setTimeout = setTimeoutOutside
}

const { setTimeout } = Socket.prototype

function setTimeoutOutside(this: Connection, ms: number, callback?: () => void): Connection {
  // Node takes the response off the connection before it begins to wait.
  const isIdle = this._httpMessage === null && callback === undefined
  return isIdle ? outside.runInAsyncScope(setTimeout, this, ms) : setTimeout.call(this, ms, callback)
}
