import type { Algorithm, WindowRule } from './algorithm.js'

/**
 * Token bucket: `burst` units at once, refilled evenly with `limit` units a window. Kept as one moment, `start`, at which
 * the bucket will be full again (the theoretical arrival time of the generic cell rate algorithm, ITU-T I.371).
 */
export const tokenBucket: Algorithm = {
  code: 2,
  open(state, now) {
    state.start = now
    state.current = 0
    state.previous = 0
  },
  advance(state, rule, now) {
    if (state.start < now) state.start = now
    // More debt than consuming can make: the clock has gone back.
    else if (state.start - now > depth(rule) * 2) state.start = now + depth(rule)
  },
  wait(state, rule, now, cost) {
    const wait = state.start + cost * interval(rule) - depth(rule) - now
    return wait <= slack(rule) ? 0 : Math.max(1, Math.ceil(wait))
  },
  consume(state, rule, now, cost) {
    state.start = Math.min(state.start + cost * interval(rule), now + depth(rule) * 2)
  },
  refund(state, rule, now, cost) {
    state.start = Math.max(now, state.start - cost * interval(rule))
  },
  remaining(state, rule, now) {
    return Math.max(0, Math.floor((depth(rule) - (state.start - now) + slack(rule)) / interval(rule)))
  },
  reset(state, _rule, now) {
    return state.start - now
  },
  lifetime(rule) {
    return depth(rule) * 2
  },
}

/** Milliseconds that rounding may add up to: at times since 1970 each sum is right to a few thousandths. */
function slack(rule: WindowRule): number {
  return Math.min(0.05, interval(rule) / 2)
}

function interval({ windowMs, limit }: WindowRule): number {
  return windowMs / limit
}

function depth(rule: WindowRule): number {
  return interval(rule) * rule.burst
}
