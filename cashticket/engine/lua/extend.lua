-- extend: move the announced end later, and the end in force with it.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 closes_at (ms)  2 how far a soft close may move the end past that (ms), or '' for as far as before
--       3 identity of the store process that answers (text)  4 now in ms, or '' for the store's own clock
-- Returns {'unknown_auction'}, or {closed '1' | '0', ends_at (ms), sequence}.
-- Never moves an end earlier, never reopens bidding. While bidding is paused it is not over; the end in force before is
-- kept then, because time that is given back counts from it.

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]
local closes_at = tonumber(ARGV[1])
local whole = function(number) return string.format('%.0f', number) end

local announced = redis.call('HGET', TERMS, 'closes_at_ms')
if not announced then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'sequence', 'version', 'ends_at_ms', 'last_ms', 'state', 'paused',
  'checked_on')
local paused = state[6] or state[7] ~= ARGV[3]
local ends_at = tonumber(state[3])
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = math.max(now, tonumber(state[4]))
if state[5] ~= 'open' or (now >= ends_at and not paused) then return {'1', state[3], state[1]} end
if closes_at <= tonumber(announced) then return {'0', state[3], state[1]} end

local version = whole(tonumber(state[2]) + 1)
if paused then redis.call('HSETNX', STATE, 'stopped_end_ms', state[3]) end
ends_at = whole(math.max(ends_at, closes_at))
redis.call('HSET', TERMS, 'closes_at_ms', whole(closes_at))
if ARGV[2] ~= '' then redis.call('HSET', TERMS, 'soft_close_cap_ms', ARGV[2]) end
redis.call('HSET', STATE, 'ends_at_ms', ends_at, 'version', version)
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' open ' .. ends_at)
return {'0', ends_at, state[1]}
