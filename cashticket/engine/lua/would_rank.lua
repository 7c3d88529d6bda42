-- would_rank: the rank that a bid would take now.
--
-- KEYS  1 terms (hash)  2 standings (sorted set)
-- ARGV  1 person (id)  2 the lowest score a bid of that amount can have (amount times 2^22)
-- Returns {'unknown_auction'}, or {'rank', rank from 1}.
-- Never writes.

local TERMS, STANDINGS = KEYS[1], KEYS[2]
local person, floor = ARGV[1], ARGV[2]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
local ahead = redis.call('ZCOUNT', STANDINGS, floor, '+inf')
local own = redis.call('ZSCORE', STANDINGS, person)
if own and tonumber(own) >= tonumber(floor) then ahead = ahead - 1 end
return {'rank', ahead + 1}
