import { defineScript, type RedisScript } from '@hardening/core'

/**
 * Tells where the journal stands, and what it says since a place. Makes a new life of it (an epoch) where there is none.
 *
 * KEYS state, journal, tags. ARGV epoch for a new life, place read so far ('' for none), time to live in ms.
 * Returns epoch, place, place of the last clear, floor of the tags, place of the first item that could be given, items.
 */
export const syncScript: RedisScript = defineScript({
  name: 'cache-sync',
  keys: 3,
  lua: `
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', 0)
end
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
local state = redis.call('HMGET', KEYS[1], 'seq', 'clear', 'floor')
local seq = tonumber(state[1] or 0)
local from = tonumber(ARGV[2])
if not from then from = math.max(0, seq - 500) end
local items = {}
if from < seq then
  local found = redis.call('XRANGE', KEYS[2], (from + 1) .. '-0', '+')
  for _, item in ipairs(found) do
    items[#items + 1] = tonumber(string.match(item[1], '^%d+'))
    items[#items + 1] = item[2][2]
  end
end
return { epoch, seq, tonumber(state[2] or 0), tonumber(state[3] or 0), from, items }
`,
})

/**
 * Writes an invalidation into the journal and tells everybody.
 *
 * KEYS state, journal, tags. ARGV epoch for a new life, channel, item (JSON), kind, time to live in ms, tags to keep,
 * names. Returns epoch and place.
 */
export const markScript: RedisScript = defineScript({
  name: 'cache-mark',
  keys: 3,
  lua: `
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  epoch = ARGV[1]
  redis.call('HSET', KEYS[1], 'epoch', epoch)
end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
if ARGV[4] == 'clear' then
  redis.call('HSET', KEYS[1], 'clear', seq)
  redis.call('DEL', KEYS[3])
elseif ARGV[4] == 'tag' then
  for i = 7, #ARGV do redis.call('ZADD', KEYS[3], seq, ARGV[i]) end
  local over = redis.call('ZCARD', KEYS[3]) - tonumber(ARGV[6])
  if over > 0 then
    local out = redis.call('ZPOPMIN', KEYS[3], over)
    redis.call('HSET', KEYS[1], 'floor', out[#out])
  end
end
redis.call('XADD', KEYS[2], 'MAXLEN', '1000', seq .. '-0', 'i', ARGV[3])
for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[5]) end
redis.call('PUBLISH', ARGV[2], epoch .. ' ' .. seq .. ' ' .. ARGV[3])
return { epoch, seq }
`,
})

/** Places at which tags were last invalidated; 0 for never. KEYS tags. ARGV tags. */
export const tagsScript: RedisScript = defineScript({
  name: 'cache-tags',
  keys: 1,
  lua: `
local places = {}
for i = 1, #ARGV do places[i] = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]) or 0) end
return places
`,
})

/**
 * Writes a value or a tombstone unless what is there is newer, by place in the journal or, for what is caught up on
 * after a loss of Redis, by time. Gives the lease back in the same step.
 *
 * KEYS entry, lease. ARGV text, time to live in ms, epoch, place, time, 'seq' or 'time', token of the lease.
 * Returns whether it was written.
 */
export const putScript: RedisScript = defineScript({
  name: 'cache-put',
  keys: 2,
  lua: `
if ARGV[7] ~= '' and redis.call('GET', KEYS[2]) == ARGV[7] then redis.call('DEL', KEYS[2]) end
local old = redis.pcall('GETRANGE', KEYS[1], 0, 200)
if type(old) == 'string' then
  local epoch, seq, at = string.match(old, '^[ht]1 (%S+) (%d+) (%d+)')
  if epoch == ARGV[3] then
    if ARGV[6] == 'time' then
      if tonumber(at) > tonumber(ARGV[5]) then return 0 end
    elseif tonumber(seq) > tonumber(ARGV[4]) then
      return 0
    end
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`,
})

/** Gives a lease back, if it is still ours. KEYS lease. ARGV token. */
export const releaseScript: RedisScript = defineScript({
  name: 'cache-release',
  keys: 1,
  lua: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
})

/** Prolongs a lease, if it is still ours. KEYS lease. ARGV token, ms. */
export const renewScript: RedisScript = defineScript({
  name: 'cache-renew',
  keys: 1,
  lua: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`,
})
