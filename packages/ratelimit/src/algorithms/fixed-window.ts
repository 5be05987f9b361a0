import { mostCounted, type Algorithm } from './algorithm.js'

/**
 * Fixed window that begins with the first request of a key, so that the windows of all keys do not turn at once. Up to
 * twice the limit may pass around the turn of a window.
 */
export const fixedWindow: Algorithm = {
  code: 1,
  open(state, now) {
    state.start = now
    state.current = 0
    state.previous = 0
  },
  advance(state, { windowMs }, now) {
    const elapsed = now - state.start
    if (elapsed >= windowMs) {
      state.start = now
      state.current = 0
    } else if (elapsed < 0 || state.current === 0) {
      state.start = now
    }
  },
  wait(state, { limit, windowMs }, now, cost) {
    return state.current + cost <= limit ? 0 : Math.max(1, Math.ceil(state.start + windowMs - now))
  },
  consume(state, _rule, _now, cost) {
    state.current = Math.min(mostCounted, state.current + cost)
  },
  refund(state, _rule, _now, cost, at) {
    if (at >= state.start) state.current = Math.max(0, state.current - cost)
  },
  remaining(state, { limit }) {
    return Math.max(0, limit - state.current)
  },
  reset(state, { windowMs }, now) {
    return state.start + windowMs - now
  },
  lifetime({ windowMs }) {
    return windowMs
  },
}
