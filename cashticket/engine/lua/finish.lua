-- finish: show an auction as settled or voided from now on.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 state (settled | voided)
-- Returns {'unknown_auction'}, {'finished'} or {'same'}.
-- Never deletes anything; the caller removes the auction from the live index afterwards. Never makes a voided auction
-- a settled one: voiding is final, and who settled may come here last.

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'state', 'version', 'ends_at_ms')
if state[1] == ARGV[1] or state[1] == 'voided' then return {'same'} end
local version = string.format('%.0f', tonumber(state[2]) + 1)
redis.call('HSET', STATE, 'state', ARGV[1], 'version', version)
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' ' .. ARGV[1] .. ' ' .. state[3])
return {'finished'}
