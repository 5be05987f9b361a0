import {
  quoted,
  tightest,
  windowSeconds,
  type PolicyStanding,
  type RateLimitHeaderFormat,
  type RateLimitHeaderWriter,
} from './format.js'

type Policy = PolicyStanding['policy']

/**
 * draft-ietf-httpapi-ratelimit-headers-08: both fields are lists of items, one for each policy. The form has stayed the
 * same up to draft 11.
 */
const draft8: RateLimitHeaderWriter = (standings) => [
  ['RateLimit', standings.map(({ policy, remaining, reset }) => rateLimitItem(policy, remaining, reset)).join(', ')],
  ['RateLimit-Policy', standings.map(({ policy }) => policyItem(policy)).join(', ')],
]

/** As draft 8; the unit of the quota is always told (`qu`, draft 11 section 3.1.2). */
const draft11: RateLimitHeaderWriter = (standings) => [
  ['RateLimit', standings.map(({ policy, remaining, reset }) => rateLimitItem(policy, remaining, reset)).join(', ')],
  ['RateLimit-Policy', standings.map(({ policy }) => `${policyItem(policy)};qu="requests"`).join(', ')],
]

/** draft-ietf-httpapi-ratelimit-headers-07: a dictionary, so there is room for one policy. */
const draft7: RateLimitHeaderWriter = (standings) => {
  const { policy, remaining, reset } = tightest(standings)
  return [
    ['RateLimit', `limit=${policy.limit}, remaining=${remaining}, reset=${reset}`],
    ['RateLimit-Policy', standings.map((standing) => oldPolicyItem(standing.policy)).join(', ')],
  ]
}

/** draft-ietf-httpapi-ratelimit-headers-06: a field for each number. */
const draft6: RateLimitHeaderWriter = (standings) => {
  const { policy, remaining, reset } = tightest(standings)
  return [
    ['RateLimit-Limit', String(policy.limit)],
    ['RateLimit-Remaining', String(remaining)],
    ['RateLimit-Reset', String(reset)],
    ['RateLimit-Policy', standings.map((standing) => oldPolicyItem(standing.policy)).join(', ')],
  ]
}

/** What GitHub and many others send; the end of the window in seconds since 1970. */
const legacy: RateLimitHeaderWriter = (standings, now) => {
  const { policy, remaining, reset } = tightest(standings)
  return [
    ['X-RateLimit-Limit', String(policy.limit)],
    ['X-RateLimit-Remaining', String(remaining)],
    ['X-RateLimit-Reset', String(Math.ceil(now / 1000) + reset)],
  ]
}

/** Every writer by the name that the option takes. */
export const headerWriters: Readonly<Record<RateLimitHeaderFormat, RateLimitHeaderWriter>> = {
  'draft-11': draft11,
  'draft-8': draft8,
  'draft-7': draft7,
  'draft-6': draft6,
  legacy,
}

/** One item of `RateLimit` as of draft 8. */
function rateLimitItem(policy: Policy, remaining: number, reset: number): string {
  return `${quoted(policy.name)};r=${remaining};t=${reset}`
}

/** One item of `RateLimit-Policy` as of draft 8. */
export function policyItem(policy: Policy): string {
  return `${quoted(policy.name)};q=${policy.limit};w=${windowSeconds(policy.windowMs)}`
}

function oldPolicyItem(policy: Policy): string {
  return `${policy.limit};w=${windowSeconds(policy.windowMs)}`
}
