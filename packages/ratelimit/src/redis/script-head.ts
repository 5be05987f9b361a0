/**
 * The part of the script that reads: what is asked for, the time, and all values by one command.
 *
 * KEYS: one for each identity that is asked for.
 *
 * Before it stand `windows`, a list of { id, algorithm, limit, ms, burst, enforced, countsRefused, cost }, `units` (see
 * there; false where each key takes from all windows), `times` (how often each key takes; false where it is once),
 * `lifetime`, the text of the milliseconds for which a key is kept, `now`, if it is not the server's, and `count` and
 * `format`, how many windows there are and how they are packed.
 *
 * A value is a packed string: for each window its id (32 bits), start (double), current, previous (32 bits); behind
 * them, for a key that was refused or blocked, blockedUntil, struckAt (doubles), strikes, level (32 bits). What is no
 * such string is taken for nothing, and replaced.
 *
 * The reply is one packed string: the time (double), then the answer to each unit.
 */
export const headPart = `
local call = redis.call
local floor, max, min = math.floor, math.max, math.min
local packValue, unpackValue = struct.pack, struct.unpack
if not now then
  local time = call('TIME')
  now = time[1] * 1000 + floor(time[2] / 1000)
end
-- What is no string gives nothing here, where GET would end the call.
local values = call('MGET', unpack(KEYS))
local out, last = { packValue('<d', now) }, 1
`
