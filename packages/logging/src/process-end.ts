const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Marks listeners that only write what waits and then leave the signal as it was. */
const flushSlot: unique symbol = Symbol.for('@hardening/logging/flush@1')

// One set of listeners however many there are to call: Node warns of eleven.
const waiting = new Set<() => void>()

/**
 * Calls `write` when the process exits, crashes or is ended by a signal that nobody else listens for.
 *
 * @returns a function that takes it back
 */
export function atProcessEnd(write: () => void): () => void {
  if (waiting.size === 0) {
    process.on('exit', writeAll)
    for (const signal of SIGNALS) process.on(signal, onSignal)
  }
  waiting.add(write)
  return () => {
    if (!waiting.delete(write) || waiting.size > 0) return
    process.off('exit', writeAll)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

function writeAll(): void {
  for (const write of waiting) write()
}

/** Writes what waits; where nobody else listens for the signal, it then ends the process as it would have without us. */
const onSignal: ((signal: NodeJS.Signals) => void) & { [flushSlot]?: true } = Object.assign(
  (signal: NodeJS.Signals): void => {
    const others = process.listeners(signal) as ((...args: never[]) => unknown)[]
    if (others.some((listener) => !(flushSlot in listener))) return
    writeAll()
    process.off(signal, onSignal)
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  },
  { [flushSlot]: true as const },
)
