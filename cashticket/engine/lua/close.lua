-- close: end bidding once its time has come.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 identity of the store process that answers (text)  2 now in ms, or '' for the store's own clock
--       3 last moment at which the store is known to have taken orders (ms), or '' not to ask
-- Returns {'unknown_auction'}, or {closed '1' | '0', ends_at (ms), sequence}.
-- Never ends bidding early, while it is paused, or at an end that came while the store may have been away, which is when
-- more than three seconds have passed since ARGV 3; repeating it changes nothing.

local AWAY = 3000
local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'sequence', 'version', 'ends_at_ms', 'last_ms', 'state', 'paused',
  'checked_on')
if state[5] ~= 'open' then return {'1', state[3], state[1]} end
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = math.max(now, tonumber(state[4]))
local paused, ends_at, known = state[6] or state[7] ~= ARGV[1], tonumber(state[3]), tonumber(ARGV[3])
local was_away = known and now - known > AWAY and ends_at > known
if paused or was_away or now < ends_at then return {'0', state[3], state[1]} end

local version = string.format('%.0f', tonumber(state[2]) + 1)
redis.call('HSET', STATE, 'state', 'closing', 'version', version, 'last_ms', string.format('%.0f', now))
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' closing ' .. state[3])
return {'1', state[3], state[1]}
