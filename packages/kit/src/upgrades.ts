import type { Server } from 'node:http'
import { upgradeLog, type Logger } from '@hardening/logging'

const followed = new WeakSet<Server>()

/**
 * Gives every request of a server that becomes a WebSocket or the like its line, while somebody serves such requests: a
 * listener of ours alone would leave clients without an answer.
 */
export function logUpgrades(server: Server, logger: Logger): void {
  if (followed.has(server)) return
  followed.add(server)
  let stop: (() => void) | undefined
  const look = (): void => {
    const others = server.listenerCount('upgrade') - (stop === undefined ? 0 : 1)
    if (others > 0) stop ??= upgradeLog(server, logger)
    else if (stop !== undefined) {
      stop()
      stop = undefined
    }
  }
  // Told before a listener is added.
  const onChange = (event: string | symbol): void => {
    if (event === 'upgrade') queueMicrotask(look)
  }
  server.on('newListener', onChange)
  server.on('removeListener', onChange)
  look()
}
