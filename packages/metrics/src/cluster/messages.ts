import type { ExportedData } from '../exposition/family.js'

/** What the processes of a cluster say to one another about metrics. */
export type MetricsMessage =
  /** A worker to the primary: gather from all. */
  | { readonly type: 'hardening:metrics:gather'; readonly id: number }
  /** The primary to every worker: send yours. */
  | { readonly type: 'hardening:metrics:send'; readonly id: number }
  /** A worker to the primary: here are mine. */
  | { readonly type: 'hardening:metrics:sent'; readonly id: number; readonly families: ExportedData[] }
  /** The primary to the worker that asked. */
  | { readonly type: 'hardening:metrics:gathered'; readonly id: number; readonly families: ExportedData[] }

/** Whether a message between processes is one of these. */
export function isMetricsMessage(message: unknown): message is MetricsMessage {
  const type = (message as { type?: unknown } | null | undefined)?.type
  return typeof type === 'string' && type.startsWith('hardening:metrics:')
}
