-- status: how an auction stands, without its bids.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)  4 chances (hash)  5 answers (hash)  6 bids (list)
--       7 people (hash)
-- ARGV  1 identity of the store process that answers (text)
-- Returns {'unknown_auction'}, or
--   {'status', {sequence, recorded, version, ends_at, state, reason for a pause or ''}, now (ms),
--    last outage (resume) or '', closes_at (ms)}.
-- Never writes. Fails for an auction of which a key holds another kind of value: no bid of it could be decided.

local TERMS, STATE, STANDINGS = KEYS[1], KEYS[2], KEYS[3]
local CHANCES_USED, ANSWERS, BIDS, PEOPLE = KEYS[4], KEYS[5], KEYS[6], KEYS[7]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
redis.call('ZCARD', STANDINGS)
redis.call('HLEN', CHANCES_USED)
redis.call('HLEN', ANSWERS)
redis.call('HLEN', PEOPLE)
redis.call('LLEN', BIDS)
local state = redis.call('HMGET', STATE, 'sequence', 'recorded', 'version', 'ends_at_ms', 'state', 'paused',
  'checked_on', 'last_ms', 'outage')
state[6] = state[6] or (state[7] ~= ARGV[1] and 'restarted') or ''
local time = redis.call('TIME')
local now = math.max(tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000), tonumber(state[8]))
return {'status', {state[1], state[2], state[3], state[4], state[5], state[6]}, string.format('%.0f', now),
  state[9] or '', redis.call('HGET', TERMS, 'closes_at_ms')}
