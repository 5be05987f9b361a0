import { createHash } from 'node:crypto'
import type { RedisScript } from '@hardening/core'

/**
 * All that a limiter asks of Redis in one turn of the event loop, in one call.
 *
 * KEYS: one for each identity that is asked for.
 * ARGV[1]: JSON, the windows in use: [[id, algorithm, limit, ms, burst, enforced, countsRefused], ...]
 * ARGV[2]: JSON, the units one after the other, flat: kind, then
 *   1 take:    number of claims, then for each: key, number of windows, (window, cost) ...
 *   2 adjust:  key, time at which was taken, number of windows, (window, cost) ...
 *   3 strike:  key, count
 *   4 inspect: key, number of windows, window ...
 *   5 block:   key, ms
 *   6 unblock: key
 *   7 reset:   key
 * ARGV[3]: JSON, [ms after which nothing of a key matters, after, within, decay, for ...] (after 0: no penalties)
 * ARGV[4]: the time in ms, or empty for the server's
 *
 * A value is a packed string: blockedUntil, struckAt (doubles), strikes, level (32 bits), then for each window its id
 * (32 bits), start (double), current, previous (32 bits). Reading and writing that costs a fraction of a hash.
 *
 * Replies are one flat list: the time, then for each unit its answer. A key that holds something else makes the units
 * that name it fail (-1), and no other.
 */
const lua = `
local windows = cjson.decode(ARGV[1])
local units = cjson.decode(ARGV[2])
local rules = cjson.decode(ARGV[3])
local now = tonumber(ARGV[4])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
local lifetime, after, within, decay = rules[1], rules[2], rules[3], rules[4]
-- Windows that are worked out for each request may be longer than what was known at the start.
for _, rule in ipairs(windows) do
  lifetime = math.max(lifetime, rule[4] * 2, rule[4] / rule[3] * rule[5] * 2)
end
local most = 4294967295
local unpack_, pack_, floor, max, min = struct.unpack, struct.pack, math.floor, math.max, math.min

local states = {}
local dirty = {}

-- The state of a key: { blocked, struck, strikes, level, ids, byId }; false where something else is stored there.
local function load(k)
  local state = states[k]
  if state ~= nil then return state end
  local value = redis.pcall('GET', KEYS[k])
  if not value then
    state = { 0, 0, 0, 0, {}, {} }
  elseif type(value) ~= 'string' or #value < 24 or (#value - 24) % 20 ~= 0 then
    state = false
  else
    local blocked, struck, strikes, level = unpack_('<ddI4I4', value)
    local ids, byId = {}, {}
    for at = 25, #value, 20 do
      local id, start, current, previous = unpack_('<I4dI4I4', value, at)
      ids[#ids + 1] = id
      byId[id] = { start, current, previous }
    end
    state = { blocked, struck, strikes, level, ids, byId }
  end
  states[k] = state
  return state
end

local function save(k, state)
  local ids, byId = state[5], state[6]
  local out = pack_('<ddI4I4', state[1], state[2], state[3], state[4])
  for i = 1, #ids do
    local w = byId[ids[i]]
    out = out .. pack_('<I4dI4I4', ids[i], w[1], w[2], w[3])
  end
  local ttl = lifetime
  local blockedFor = state[1] - now
  if blockedFor > 0 or state[3] > 0 or state[4] > 0 then
    local rest = 0
    if after > 0 then rest = max(within, decay * (state[4] + 1)) end
    ttl = max(ttl, max(blockedFor, 0) + rest)
  end
  redis.call('SET', KEYS[k], out, 'PX', math.ceil(ttl))
end

-- The window of a state, after time has passed. The sums are those of src/algorithms, in their order.
local function open(state, rule)
  local w = state[6][rule[1]]
  if not w then
    w = { now, 0, 0 }
    state[6][rule[1]] = w
    state[5][#state[5] + 1] = rule[1]
    return w
  end
  local algorithm, ms = rule[2], rule[4]
  if algorithm == 2 then
    local depth = ms / rule[3] * rule[5]
    if w[1] < now then w[1] = now elseif w[1] - now > depth * 2 then w[1] = now + depth end
    return w
  end
  local elapsed = now - w[1]
  if algorithm == 0 then
    if elapsed < ms then
      if elapsed < 0 then w[1] = now end
    else
      if elapsed < ms * 2 then
        w[3] = w[2]
        w[1] = w[1] + ms
      else
        w[3] = 0
        w[1] = now
      end
      w[2] = 0
    end
  elseif elapsed >= ms then
    w[1] = now
    w[2] = 0
  elseif elapsed < 0 or w[2] == 0 then
    w[1] = now
  end
  return w
end

local function fits(w, rule, cost)
  local algorithm, limit, ms = rule[2], rule[3], rule[4]
  if algorithm == 0 then return w[3] * (1 - (now - w[1]) / ms) + w[2] + cost <= limit end
  if algorithm == 1 then return w[2] + cost <= limit end
  local interval = ms / limit
  return w[1] + cost * interval - interval * rule[5] - now <= min(0.05, interval / 2)
end

local function consume(w, rule, cost)
  if rule[2] == 2 then
    local interval = rule[4] / rule[3]
    w[1] = min(w[1] + cost * interval, now + interval * rule[5] * 2)
  else
    w[2] = min(most, w[2] + cost)
  end
end

local function refund(w, rule, cost, at)
  if rule[2] == 2 then
    w[1] = max(now, w[1] - cost * (rule[4] / rule[3]))
  elseif at >= w[1] then
    w[2] = max(0, w[2] - cost)
  elseif rule[2] == 0 and at >= w[1] - rule[4] then
    w[3] = max(0, w[3] - cost)
  end
end

local function strike(state, count)
  if after == 0 or state[1] > now then return end
  local idle = now - max(state[2], state[1])
  if idle > within then state[3] = 0 end
  if idle >= decay then state[4] = max(0, state[4] - floor(idle / decay)) end
  state[2] = now
  state[3] = state[3] + count
  if state[3] < after then return end
  local steps = #rules - 4
  state[1] = now + rules[4 + min(state[4] + 1, steps)]
  state[4] = min(steps, state[4] + 1)
  state[3] = 0
end

local out = { now }
local function put(value) out[#out + 1] = value end
local function putWindow(w)
  -- Lua numbers leave as whole ones; the moment of a token bucket is none.
  put(w[1] == floor(w[1]) and w[1] or string.format('%.17g', w[1]))
  put(w[2])
  put(w[3])
end

local at = 1
local function nextNumber()
  at = at + 1
  return units[at - 1]
end

-- Replies: 1 allowed, 0 refused, or -1; then for each claim: blocked for, strikes, and its windows: fits, start,
-- current, previous.
local function take()
  local claims = nextNumber()
  local keys, states_, opened, ok, failed, blocked = {}, {}, {}, true, false, false
  for c = 1, claims do
    local k, n = nextNumber(), nextNumber()
    local state = load(k)
    keys[c], states_[c], opened[c] = k, state, {}
    if not state then failed = true elseif state[1] > now then blocked = true end
    for i = 1, n do
      local rule, cost = windows[nextNumber()], nextNumber()
      if state then
        local w = open(state, rule)
        local f = fits(w, rule, cost)
        if not f and rule[6] == 1 then ok = false end
        opened[c][i] = { w, rule, cost, f }
      end
    end
  end
  if failed then return put(-1) end
  if blocked then ok = false end
  put(ok and 1 or 0)
  for c = 1, claims do
    local state, refused = states_[c], false
    for i = 1, #opened[c] do
      local o = opened[c][i]
      if ok and o[4] or not ok and not blocked and o[2][7] == 1 then
        consume(o[1], o[2], o[3])
        dirty[keys[c]] = true
      end
      if not o[4] and o[2][6] == 1 then refused = true end
    end
    if refused and not blocked and after > 0 then
      strike(state, 1)
      dirty[keys[c]] = true
    end
    put(max(0, state[1] - now))
    put(state[3])
    for i = 1, #opened[c] do
      put(opened[c][i][4] and 1 or 0)
      putWindow(opened[c][i][1])
    end
  end
end

while at <= #units do
  local kind = nextNumber()
  if kind == 1 then
    take()
  else
    local k = nextNumber()
    local state = load(k)
    if kind == 2 then
      local when, n = nextNumber(), nextNumber()
      for _ = 1, n do
        local rule, cost = windows[nextNumber()], nextNumber()
        if state then
          local w = open(state, rule)
          if cost > 0 then consume(w, rule, cost) elseif cost < 0 then refund(w, rule, -cost, when) end
        end
      end
      if state then dirty[k] = true end
      put(state and 1 or -1)
    elseif kind == 3 then
      local count = nextNumber()
      if state then
        strike(state, count)
        dirty[k] = true
      end
      put(state and max(0, state[1] - now) or -1)
    elseif kind == 4 then
      local n = nextNumber()
      put(state and 1 or -1)
      if state then
        put(max(0, state[1] - now))
        put(state[3])
        put(state[4])
      end
      for _ = 1, n do
        local rule = windows[nextNumber()]
        if state then putWindow(open(state, rule)) end
      end
    elseif kind == 5 then
      local ms = nextNumber()
      -- A hand made block replaces whatever stands in its way.
      if not state then state = { 0, 0, 0, 0, {}, {} } states[k] = state end
      state[1] = now + ms
      dirty[k] = true
      put(1)
    elseif kind == 6 then
      if state then
        state[1], state[2], state[3], state[4] = 0, 0, 0, 0
        dirty[k] = true
      end
      put(state and 1 or -1)
    else
      redis.call('DEL', KEYS[k])
      states[k] = { 0, 0, 0, 0, {}, {} }
      dirty[k] = nil
      put(1)
    end
  end
end

for k in pairs(dirty) do save(k, states[k]) end
return out
`

const sha1 = createHash('sha1').update(lua).digest('hex')

/** The script for so many keys. */
export function batchScript(keys: number): RedisScript {
  return { name: 'rate-limit', lua, keys, sha1 }
}
