-- pause: take no bids for a reason, or take them again.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 reason, or '' to take bids again  2 the reason that must be in force now, '' for none
--       3 identity of the store process that answers (text)
--       4 identity of the process on which the auction was found sound, used to take bids again (text)
-- Returns {'unknown_auction'}, or {changed '1' | '0'}.
-- Never pauses an auction that is over, never ends a pause for another reason.

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'version', 'ends_at_ms', 'state', 'paused', 'checked_on')
local paused = state[4] or (state[3] == 'open' and state[5] ~= ARGV[3] and 'restarted') or ''
if paused ~= ARGV[2] or paused == ARGV[1] then return {'0'} end
if ARGV[1] ~= '' and state[3] ~= 'open' then return {'0'} end

local version = string.format('%.0f', tonumber(state[1]) + 1)
if ARGV[1] == '' then
  redis.call('HDEL', STATE, 'paused')
  redis.call('HSET', STATE, 'checked_on', ARGV[4])
else
  redis.call('HSET', STATE, 'paused', ARGV[1])
end
redis.call('HSET', STATE, 'version', version)
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' ' .. state[3] .. ' ' .. state[2])
return {'1'}
