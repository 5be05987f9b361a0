/**
 * The part of the script that nearly every call ends in: all ask for the same, and each key begins with these windows in
 * this order, is under no block or suspicion, and has room in all of them. What a key asks beyond its room, and keys of
 * which the rest is not so, are left to the next part, with their places in the reply.
 *
 * The sums are those of src/algorithms, in their order.
 */
export const takePart = `
local left
if not units then
  local size = count * 20
  for k = 1, #KEYS do
    local value = values[k]
    local isPlain, hasMoved, state = true, not value, nil
    if not value then
      state = {}
      for w = 1, count do
        local at = w * 4
        state[at - 3], state[at - 2], state[at - 1], state[at] = windows[w][1], now, 0, 0
      end
    elseif #value >= size and #value % 20 == 0 then
      state = { unpackValue(format, value) }
      -- The place behind the last value, which unpacking gives too.
      state[count * 4 + 1] = nil
    else
      isPlain = false
    end
    local tail = isPlain and value and string.sub(value, size + 1) or ''
    local packed
    local more = times and times[k] or 1
    while isPlain and more > 0 do
      local at = 0
      for w = 1, count do
        local rule = windows[w]
        local algorithm, limit, ms, cost = rule[2], rule[3], rule[4], rule[8]
        if state[at + 1] ~= rule[1] then
          isPlain = false
          break
        end
        local start, current = state[at + 2], state[at + 3]
        local elapsed = now - start
        if algorithm == 0 then
          local previous = state[at + 4]
          if elapsed >= ms then
            previous = elapsed < ms * 2 and current or 0
            start, current, hasMoved = start + ms, 0, true
          end
          if elapsed < 0 or current == 0 and previous == 0 then
            start, hasMoved = now, true
          end
          if previous * (1 - (now - start) / ms) + current + cost > limit then
            isPlain = false
            break
          end
          state[at + 2], state[at + 3], state[at + 4] = start, current + cost, previous
        elseif algorithm == 1 then
          if elapsed >= ms then
            start, current, hasMoved = now, 0, true
          elseif elapsed < 0 or current == 0 then
            start, hasMoved = now, true
          end
          if current + cost > limit then
            isPlain = false
            break
          end
          state[at + 2], state[at + 3] = start, current + cost
        else
          local interval = ms / limit
          local depth = ms / limit * rule[5]
          if start < now then start = now elseif start - now > depth * 2 then start = now + depth end
          if start + cost * interval - interval * rule[5] - now > min(0.05, interval / 2) then
            isPlain = false
            break
          end
          -- Kept for as long as the bucket fills, which is later with each unit.
          hasMoved = true
          state[at + 2] = min(start + cost * interval, now + interval * rule[5] * 2)
        end
        at = at + 4
      end
      if isPlain then
        packed = packValue(format, unpack(state))
        out[last + 1] = '\\1'
        out[last + 2] = packed
        last = last + 2
        more = more - 1
      end
    end
    if packed then
      value = packed .. tail
      values[k] = value
      -- While no window begins anew, the time that the key is kept for is long enough, and leaving it is cheaper.
      if hasMoved then call('SET', KEYS[k], value, 'PX', lifetime) else call('SET', KEYS[k], value, 'KEEPTTL') end
    end
    for _ = 1, more do
      left = left or {}
      last = last + 1
      out[last] = ''
      left[#left + 1], left[#left + 2] = k, last
    end
  end
end
`
