-- places: where people rank now.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)  4 chances (hash)
-- ARGV  ids of people
-- Returns {'unknown_auction'}, or
--   {'places', seats, version, recorded, {score or '', rank from 1 or 0, chances used; the same three for each person}}.
-- Never writes. The caller bounds the number of people.

local TERMS, STATE, STANDINGS, CHANCES_USED = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local seats = redis.call('HGET', TERMS, 'seats')
if not seats then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'version', 'recorded')
local places = {}
for _, person in ipairs(ARGV) do
  local place = redis.call('ZREVRANK', STANDINGS, person)
  table.insert(places, redis.call('ZSCORE', STANDINGS, person) or '')
  table.insert(places, place and place + 1 or 0)
  table.insert(places, redis.call('HGET', CHANCES_USED, person) or '0')
end
return {'places', seats, state[1], state[2], places}
