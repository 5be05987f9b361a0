import express5 from 'express'
import express4 from 'express4'

type Express = typeof express5

/** Both versions of Express that the toolkit serves, for `describe.each`. */
export const versions: readonly [name: string, express: Express][] = [
  ['Express 5', express5],
  ['Express 4', express4],
]

export type { Express }
