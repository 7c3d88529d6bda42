-- place: where one person ranks now.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)  4 chances (hash)
-- ARGV  1 person (id)
-- Returns {'unknown_auction'}, or
--   {'place', seats, version, recorded, score or '', rank from 1 or 0, chances used}.
-- Never writes.

local TERMS, STATE, STANDINGS, CHANCES_USED = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local person = ARGV[1]

local seats = redis.call('HGET', TERMS, 'seats')
if not seats then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'version', 'recorded')
local score = redis.call('ZSCORE', STANDINGS, person) or ''
local place = redis.call('ZREVRANK', STANDINGS, person)
local used = redis.call('HGET', CHANCES_USED, person) or '0'
return {'place', seats, state[1], state[2], score, place and place + 1 or 0, used}
