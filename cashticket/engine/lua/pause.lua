-- pause: take no bids for a reason.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 reason  2 the reason that must be in force now, '' for none
--       3 identity of the store process that answers (text)  4 now in ms, or '' for the store's own clock
-- Returns {'unknown_auction'}, or {changed '1' | '0'}.
-- Never pauses an auction that is over, never replaces a pause for another reason. When the first of several pauses
-- began is kept, because the time since then is given back (resume).

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'version', 'ends_at_ms', 'state', 'paused', 'checked_on', 'last_ms')
if state[3] ~= 'open' then return {'0'} end
local paused = state[4] or (state[5] ~= ARGV[3] and 'restarted') or ''
if paused ~= ARGV[2] or paused == ARGV[1] then return {'0'} end
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = math.max(now, tonumber(state[6]))

local version = string.format('%.0f', tonumber(state[1]) + 1)
redis.call('HSETNX', STATE, 'stopped_ms', string.format('%.0f', now))
redis.call('HSET', STATE, 'paused', ARGV[1], 'version', version)
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' open ' .. state[2])
return {'1'}
