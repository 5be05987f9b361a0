import type { Layer } from './run.js'

/** A layer, and how what it holds is ended. */
export interface Part {
  readonly layer: Layer
  readonly close?: () => void
}

/** One part of several, the first outermost. */
export function stack(parts: readonly Part[]): Required<Part> {
  return {
    layer: (inner) => parts.reduceRight((run, part) => part.layer(run), inner),
    close() {
      for (const part of parts) part.close?.()
    },
  }
}
