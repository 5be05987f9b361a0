import { mostCounted, type Algorithm, type WindowRule, type WindowState } from './algorithm.js'

/**
 * Sliding window by two counters: what the window before counted fades out evenly while the present one runs. No more
 * than the limit in any window as long as requests come evenly, and no double limit around the turn of a window.
 */
export const slidingWindow: Algorithm = {
  code: 0,
  open(state, now) {
    state.start = now
    state.current = 0
    state.previous = 0
  },
  advance(state, { windowMs }, now) {
    const { start } = state
    const elapsed = now - start
    // All is worked out whether it is needed or not: what V8 has never seen run, such as the turn of a window in the
    // first minute of a process, throws away the code that it made of the rest.
    const next = start + windowMs
    const isOver = elapsed >= windowMs
    const isLongOver = elapsed >= windowMs * 2
    const current = isOver ? 0 : state.current
    const previous = isOver ? (isLongOver ? 0 : state.current) : state.previous
    state.current = current
    state.previous = previous
    // What has counted nothing begins with what counts first.
    state.start = elapsed < 0 || current + previous === 0 ? now : isOver ? next : start
  },
  wait(state, rule, now, cost) {
    if (used(state, rule, now) + cost <= rule.limit) return 0
    const { limit, windowMs } = rule
    const room = limit - cost - state.current
    // Within this window, as soon as enough of the one before has faded; else within the next one, where the present
    // count is the one that fades.
    const faded =
      room >= 0 ? windowMs * (1 - room / state.previous) : windowMs + windowMs * (1 - (limit - cost) / state.current)
    let wait = Math.max(1, Math.ceil(state.start + faded - now))
    // The sums above and below round differently in the last bit.
    while (!fitsAfter(state, rule, now, cost, wait)) wait++
    return wait
  },
  consume(state, _rule, _now, cost) {
    state.current = Math.min(mostCounted, state.current + cost)
  },
  refund(state, { windowMs }, _now, cost, at) {
    if (at >= state.start) state.current = Math.max(0, state.current - cost)
    else if (at >= state.start - windowMs) state.previous = Math.max(0, state.previous - cost)
  },
  remaining(state, rule, now) {
    return Math.max(0, Math.floor(rule.limit - used(state, rule, now)))
  },
  reset(state, { windowMs }, now) {
    return state.start + windowMs - now
  },
  lifetime({ windowMs }) {
    return windowMs * 2
  },
}

function used(state: WindowState, { windowMs }: WindowRule, now: number): number {
  return state.previous * (1 - (now - state.start) / windowMs) + state.current
}

function fitsAfter(state: WindowState, rule: WindowRule, now: number, cost: number, wait: number): boolean {
  const later = { ...state }
  slidingWindow.advance(later, rule, now + wait)
  return used(later, rule, now + wait) + cost <= rule.limit
}
