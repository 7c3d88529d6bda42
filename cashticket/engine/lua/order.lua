-- order: all standings, best first, of one moment.
--
-- KEYS  1 terms (hash)  2 standings (sorted set)
-- Returns {'unknown_auction'}, or {'order', {person, score, ...}}.
-- Never writes. Its answer is as long as there are bidders: settlement and checks ask for it, pages never.

local TERMS, STANDINGS = KEYS[1], KEYS[2]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
return {'order', redis.call('ZREVRANGE', STANDINGS, '0', '-1', 'WITHSCORES')}
