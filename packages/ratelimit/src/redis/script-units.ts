import type { PenaltyRules } from '../penalty.js'

/**
 * The part of the script that can do everything: what the part before has left, and units of all kinds. They stand one
 * after the other, flat: kind, then
 *
 * 1 take:    number of claims, then for each: key, number of windows, (window, cost) ...
 * 2 adjust:  key, time at which was taken, number of windows, (window, cost) ...
 * 3 strike:  key, count
 * 4 inspect: key, number of windows, window ...
 * 5 block:   key, ms
 * 6 unblock: key
 * 7 reset:   key
 *
 * Answers: to 1 and 4 see there; to 3 for how long the key is blocked (double); to the others nothing.
 */
export function unitsPart(penalty: PenaltyRules | undefined): string {
  const rules = penalty === undefined ? [0] : [penalty.after, penalty.withinMs, penalty.decayMs, ...penalty.forMs]
  return `
if units or left then
-- After how many refusals a key is blocked (0: never), within and decay in ms, and how long each block lasts.
local penalty = { ${rules.join(', ')} }
local most = 4294967295
local states, heads, dirty = {}, {}, {}

local formats = {}
local function formatOf(count)
  local format = formats[count]
  if not format then
    format = '<' .. string.rep('I4dI4I4', count)
    formats[count] = format
  end
  return format
end

-- The windows of a key, flat: id, start, current, previous of each. Its block and strikes are in heads, if it has any.
local function load(k)
  local state = states[k]
  if state then return state end
  local value = values[k]
  local length = value and #value or 0
  local rest = length % 20
  -- More windows than any limiter has are somebody else's, and too many to unpack.
  if length < 10000 and (rest == 0 or rest == 4 and length >= 24) then
    local count = floor(length / 20) - rest / 4
    state = count > 0 and { unpackValue(formatOf(count), value) } or {}
    -- The place behind the last value, which unpacking gives too.
    state[count * 4 + 1] = nil
    if rest == 4 then
      local head = { unpackValue('<ddI4I4', value, count * 20 + 1) }
      heads[k] = head
      if head[2] > now then
        -- The clock has gone back: a block lasts as long as it was meant to.
        head[1], head[2] = head[1] - (head[2] - now), now
        dirty[k] = state
      end
    end
  else
    state = {}
  end
  states[k] = state
  return state
end

local function headOf(k)
  local head = heads[k]
  if not head then
    head = { 0, 0, 0, 0 }
    heads[k] = head
  end
  return head
end

local function blockedFor(k)
  local head = heads[k]
  return head and max(0, head[1] - now) or 0
end

local function save(k, state)
  local head, count, ttl = heads[k], #state / 4, lifetime
  local value = count > 0 and packValue(formatOf(count), unpack(state)) or ''
  if head and (head[1] > now or head[3] > 0 or head[4] > 0) then
    value = value .. packValue('<ddI4I4', head[1], head[2], head[3], head[4])
    local rest = penalty[1] > 0 and max(penalty[2], penalty[3] * (head[4] + 1)) or 0
    ttl = string.format('%d', math.ceil(max(tonumber(lifetime), max(head[1] - now, 0) + rest)))
  end
  if value == '' then call('DEL', KEYS[k]) else call('SET', KEYS[k], value, 'PX', ttl) end
end

-- The place of a window's start in a state, after time has passed.
local function open(k, state, rule, guess)
  local id = rule[1]
  local at = guess * 4 - 3
  if state[at] ~= id then
    at = 1
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
    if start < now then
      state[at] = now
    elseif start - now > depth * 2 then
      state[at] = now + depth
      dirty[k] = state
    end
    return at
  end
  local elapsed = now - start
  -- The clock has gone back: kept, since a window that began anew with each refusal would never end.
  if elapsed < 0 then dirty[k] = state end
  if algorithm == 0 then
    if elapsed >= ms then
      state[at + 2] = elapsed < ms * 2 and state[at + 1] or 0
      state[at + 1] = 0
      state[at] = start + ms
    end
    if elapsed < 0 or state[at + 1] == 0 and state[at + 2] == 0 then state[at] = now end
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

local function strike(k, count)
  local head = headOf(k)
  local after, within, decay = penalty[1], penalty[2], penalty[3]
  if after == 0 or head[1] > now then return end
  local idle = now - max(head[2], head[1])
  if idle > within then head[3] = 0 end
  if idle >= decay then head[4] = max(0, head[4] - floor(idle / decay)) end
  head[2] = now
  head[3] = head[3] + count
  if head[3] < after then return end
  local steps = #penalty - 3
  head[1] = now + penalty[3 + min(head[4] + 1, steps)]
  head[4] = min(steps, head[4] + 1)
  head[3] = 0
end

local answers
local function put(format, ...) answers[#answers + 1] = packValue(format, ...) end
local function putWindow(state, at)
  put('<I4dI4I4', state[at - 1], state[at], state[at + 1], state[at + 2])
end

local at = 1
local function nextNumber()
  at = at + 1
  return units[at - 1]
end

-- Used again for each unit, so that none makes tables of its own: where windows stand, and whether the cost fits.
local places, rooms = {}, {}

-- Answers: 1 (a byte) where all passed, then each window as in a value; else 2 (passed, but a dry run would not have)
-- or 0 (refused), then for each claim how long it is blocked (double), and for each window first whether it had room.
local function take()
  local claims = nextNumber()
  local first = at
  local passes, plain, blocked, index = true, true, false, 0
  for _ = 1, claims do
    local k, count = units[at], units[at + 1]
    local state = load(k)
    at = at + 2
    if blockedFor(k) > 0 then blocked = true end
    for i = 1, count do
      local rule, cost = windows[units[at]], units[at + 1]
      at = at + 2
      local place = open(k, state, rule, i)
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
  put('B', plain and 1 or passes and 2 or 0)
  at = first
  index = 0
  for _ = 1, claims do
    local k, count = units[at], units[at + 1]
    local state, refused, before = states[k], false, index
    at = at + 2
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
      if refused and not blocked and penalty[1] > 0 then
        strike(k, 1)
        dirty[k] = state
      end
      put('<d', blockedFor(k))
    end
    for i = before + 1, index do
      if not plain then put('B', rooms[i] and 1 or 0) end
      putWindow(state, places[i])
    end
  end
end

local function carryOut()
  at, answers = 1, {}
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
          local place = open(k, state, rule, i)
          if cost > 0 then
            consume(state, place, rule, cost)
          elseif cost < 0 then
            refund(state, place, rule, -cost, taken)
          end
        end
        dirty[k] = state
      elseif kind == 3 then
        strike(k, nextNumber())
        dirty[k] = state
        put('<d', blockedFor(k))
      elseif kind == 4 then
        -- For how long it is blocked, its strikes and its level (doubles), then each window as in a value.
        local head = headOf(k)
        put('<ddd', blockedFor(k), head[3], head[4])
        for i = 1, nextNumber() do putWindow(state, open(k, state, windows[nextNumber()], i)) end
      elseif kind == 5 then
        local head = headOf(k)
        head[1], head[2] = now + nextNumber(), now
        dirty[k] = state
      elseif kind == 6 then
        heads[k] = nil
        dirty[k] = state
      else
        call('DEL', KEYS[k])
        states[k], heads[k], dirty[k] = {}, nil, nil
      end
    end
  end
  for k, state in pairs(dirty) do
    save(k, state)
    dirty[k] = nil
  end
  return table.concat(answers)
end

if units then
  out[2] = carryOut()
else
  for i = 1, #left, 2 do
    local k = left[i]
    units = { 1, 1, k, count }
    for w = 1, count do
      units[w * 2 + 3], units[w * 2 + 4] = w, windows[w][8]
    end
    out[left[i + 1]] = carryOut()
  end
end
end
return table.concat(out)
`
}
