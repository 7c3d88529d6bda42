-- read: everything a board shows, at one version.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)
-- ARGV  1 identity of the store process that answers (text)  2 now in ms, or '' for the store's own clock
-- Returns {'unknown_auction'}, or
--   {'read', {seats, minimum, step, opens_at, closes_at, soft close, soft close cap (won, ms), alias salt},
--    {sequence, recorded, version, ends_at, state, reason for a pause or ''}, now (ms), bidders,
--    {person, score, ... of the top N, best first}}.
-- Never writes.

local TERMS, STATE, STANDINGS = KEYS[1], KEYS[2], KEYS[3]

local terms = redis.call('HMGET', TERMS, 'seats', 'minimum', 'step', 'opens_at_ms', 'closes_at_ms', 'soft_close_ms',
  'soft_close_cap_ms', 'alias_salt')
if not terms[1] then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'sequence', 'recorded', 'version', 'ends_at_ms', 'state', 'paused',
  'checked_on')
state[6] = state[6] or (state[7] ~= ARGV[1] and 'restarted') or ''
state[7] = nil
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
now = math.max(now, tonumber(redis.call('HGET', STATE, 'last_ms')))
local leaders = redis.call('ZREVRANGE', STANDINGS, '0', tostring(tonumber(terms[1]) - 1), 'WITHSCORES')
return {'read', terms, state, string.format('%.0f', now), redis.call('ZCARD', STANDINGS), leaders}
