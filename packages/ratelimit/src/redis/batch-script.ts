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
 * (32 bits), start (double), current, previous (32 bits). All values are read by one MGET and kept as flat tables, so
 * that a decision costs one write and one table. What is no such string is taken for nothing, and replaced.
 *
 * Replies are one flat list: the time, then for each unit its answer.
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
for i = 1, #windows do
  local rule = windows[i]
  lifetime = math.max(lifetime, rule[4] * 2, rule[4] / rule[3] * rule[5] * 2)
end
local lifetimeText = string.format('%d', math.ceil(lifetime))
local most = 4294967295
local floor, max, min, unpackAll = math.floor, math.max, math.min, unpack
local unpackValue, packValue = struct.unpack, struct.pack
local call = redis.call

local formats = {}
local function formatOf(count)
  local format = formats[count]
  if not format then
    format = '<ddI4I4' .. string.rep('I4dI4I4', count)
    formats[count] = format
  end
  return format
end

local values = call('MGET', unpackAll(KEYS))
local states = {}
local dirty = {}

-- The state of a key, flat: blockedUntil, struckAt, strikes, level, then id, start, current, previous of each window.
local function load(k)
  local state = states[k]
  if state then return state end
  local value = values[k]
  if value and #value >= 24 and (#value - 24) % 20 == 0 then
    state = { unpackValue(formatOf((#value - 24) / 20), value) }
    state[#state] = nil
  else
    state = { 0, 0, 0, 0 }
  end
  states[k] = state
  return state
end

local function save(k, state)
  local ttl = lifetimeText
  if state[1] > now or state[3] > 0 or state[4] > 0 then
    local rest = after > 0 and max(within, decay * (state[4] + 1)) or 0
    ttl = string.format('%d', math.ceil(max(lifetime, max(state[1] - now, 0) + rest)))
  end
  call('SET', KEYS[k], packValue(formatOf((#state - 4) / 4), unpackAll(state)), 'PX', ttl)
end

-- The place of a window's start in a state, after time has passed. The sums are those of src/algorithms, in their order.
local function open(state, rule, guess)
  local id = rule[1]
  local at = guess * 4 + 1
  if state[at] ~= id then
    at = 5
    while state[at] and state[at] ~= id do at = at + 4 end
    if not state[at] then
      state[at], state[at + 1], state[at + 2], state[at + 3] = id, now, 0, 0
      return at + 1
    end
  end
  at = at + 1
  local start, algorithm, ms = state[at], rule[2], rule[4]
  if algorithm == 2 then
    local depth = ms / rule[3] * rule[5]
    if start < now then state[at] = now elseif start - now > depth * 2 then state[at] = now + depth end
    return at
  end
  local elapsed = now - start
  if algorithm == 0 then
    if elapsed < ms then
      if elapsed < 0 then state[at] = now end
    else
      if elapsed < ms * 2 then
        state[at + 2] = state[at + 1]
        state[at] = start + ms
      else
        state[at + 2] = 0
        state[at] = now
      end
      state[at + 1] = 0
    end
  elseif elapsed >= ms then
    state[at] = now
    state[at + 1] = 0
  elseif elapsed < 0 or state[at + 1] == 0 then
    state[at] = now
  end
  return at
end

local function fits(state, at, rule, cost)
  local algorithm, limit, ms = rule[2], rule[3], rule[4]
  if algorithm == 0 then return state[at + 2] * (1 - (now - state[at]) / ms) + state[at + 1] + cost <= limit end
  if algorithm == 1 then return state[at + 1] + cost <= limit end
  local interval = ms / limit
  return state[at] + cost * interval - interval * rule[5] - now <= min(0.05, interval / 2)
end

local function consume(state, at, rule, cost)
  if rule[2] == 2 then
    local interval = rule[4] / rule[3]
    state[at] = min(state[at] + cost * interval, now + interval * rule[5] * 2)
  else
    state[at + 1] = min(most, state[at + 1] + cost)
  end
end

local function refund(state, at, rule, cost, taken)
  if rule[2] == 2 then
    state[at] = max(now, state[at] - cost * (rule[4] / rule[3]))
  elseif taken >= state[at] then
    state[at + 1] = max(0, state[at + 1] - cost)
  elseif rule[2] == 0 and taken >= state[at] - rule[4] then
    state[at + 2] = max(0, state[at + 2] - cost)
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

local out, last = { now }, 1
local function put(value)
  last = last + 1
  out[last] = value
end
local function putWindow(state, at)
  local start = state[at]
  -- Lua numbers leave as whole ones; the moment of a token bucket is none.
  out[last + 1] = start == floor(start) and start or string.format('%.17g', start)
  out[last + 2] = state[at + 1]
  out[last + 3] = state[at + 2]
  last = last + 3
end

local at = 1
local function nextNumber()
  at = at + 1
  return units[at - 1]
end

-- Used again for each unit, so that none makes tables of its own: where windows stand, and whether the cost fits.
local places, rooms = {}, {}

-- Replies: 1 where all passed, then start, current and previous of each window; else 2 (passed, but a dry run would not
-- have) or 0 (refused), then for each claim how long it is blocked, and for each window whether it had room as well.
local function take()
  local claims = nextNumber()
  local first = at
  local passes, plain, blocked, index = true, true, false, 0
  for _ = 1, claims do
    local state, count = load(units[at]), units[at + 1]
    at = at + 2
    if state[1] > now then blocked = true end
    for i = 1, count do
      local rule, cost = windows[units[at]], units[at + 1]
      at = at + 2
      local place = open(state, rule, i)
      local room = fits(state, place, rule, cost)
      index = index + 1
      places[index] = place
      rooms[index] = room
      if not room then
        plain = false
        if rule[6] == 1 then passes = false end
      end
    end
  end
  if blocked then passes = false end
  plain = plain and passes
  if plain and claims == 1 then
    -- Nearly every request: one key, and room in all windows.
    local k = units[first]
    local state = states[k]
    out[last + 1] = 1
    last = last + 1
    local from = first + 1
    for i = 1, index do
      from = from + 2
      consume(state, places[i], windows[units[from - 1]], units[from])
      putWindow(state, places[i])
    end
    dirty[k] = state
    return
  end
  put(plain and 1 or passes and 2 or 0)
  at = first
  index = 0
  for _ = 1, claims do
    local k, count = units[at], units[at + 1]
    local state, refused, before = states[k], false, index
    local from = at + 2
    at = from
    for _ = 1, count do
      local rule, cost = windows[units[at]], units[at + 1]
      at = at + 2
      index = index + 1
      local room = rooms[index]
      if passes and room or not passes and not blocked and rule[7] == 1 then
        consume(state, places[index], rule, cost)
        dirty[k] = state
      end
      if not room and rule[6] == 1 then refused = true end
    end
    if not plain then
      if refused and not blocked and after > 0 then
        strike(state, 1)
        dirty[k] = state
      end
      put(max(0, state[1] - now))
    end
    for i = before + 1, index do
      if not plain then put(rooms[i] and 1 or 0) end
      putWindow(state, places[i])
    end
  end
end

local length = #units
while at <= length do
  local kind = nextNumber()
  if kind == 1 then
    take()
  else
    local k = nextNumber()
    local state = load(k)
    if kind == 2 then
      local taken, count = nextNumber(), nextNumber()
      for i = 1, count do
        local rule, cost = windows[nextNumber()], nextNumber()
        local place = open(state, rule, i)
        if cost > 0 then consume(state, place, rule, cost) elseif cost < 0 then refund(state, place, rule, -cost, taken) end
      end
      dirty[k] = state
      put(1)
    elseif kind == 3 then
      strike(state, nextNumber())
      dirty[k] = state
      put(max(0, state[1] - now))
    elseif kind == 4 then
      local count = nextNumber()
      put(max(0, state[1] - now))
      put(state[3])
      put(state[4])
      for i = 1, count do putWindow(state, open(state, windows[nextNumber()], i)) end
    elseif kind == 5 then
      state[1] = now + nextNumber()
      dirty[k] = state
      put(1)
    elseif kind == 6 then
      state[1], state[2], state[3], state[4] = 0, 0, 0, 0
      dirty[k] = state
      put(1)
    else
      call('DEL', KEYS[k])
      states[k] = { 0, 0, 0, 0 }
      dirty[k] = nil
      put(1)
    end
  end
end

for k, state in pairs(dirty) do save(k, state) end
return out
`

const sha1 = createHash('sha1').update(lua).digest('hex')

/** The script for so many keys. */
export function batchScript(keys: number): RedisScript {
  return { name: 'rate-limit', lua, keys, sha1 }
}
