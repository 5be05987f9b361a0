import express5 from 'express'
import express4 from 'express4'
import type { LogSink } from '../src/index.js'

export type Express = typeof express5

/** The versions that every behaviour is shown on. */
export const versions: [name: string, express: Express][] = [
  ['Express 4', express4],
  ['Express 5', express5],
]

/** A destination that a test can read. */
export class Lines implements LogSink {
  readonly all: string[] = []
  flushes = 0

  write(line: string): void {
    this.all.push(line)
  }

  flush(): Promise<void> {
    this.flushes += 1
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** The lines as JSON. */
  get json(): Record<string, unknown>[] {
    return this.all.map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  get last(): Record<string, unknown> {
    return this.json.at(-1) ?? {}
  }
}
