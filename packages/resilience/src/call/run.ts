import type { Scope } from './scope.js'

/** A layer around a call, and all inside it. */
export type Run = (scope: Scope) => Promise<unknown>

/** Puts a layer around what is inside. Made once, at creation. */
export type Layer = (inner: Run) => Run
