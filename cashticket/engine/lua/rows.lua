-- rows: neighbouring rows of the order, best first.
--
-- KEYS  1 terms (hash)  2 standings (sorted set)
-- ARGV  1 first place (from 0)  2 last place (included)
-- Returns {'unknown_auction'}, or {'rows', {person, score, ...}}.
-- Never writes. The caller bounds the window.

local TERMS, STANDINGS = KEYS[1], KEYS[2]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
return {'rows', redis.call('ZREVRANGE', STANDINGS, ARGV[1], ARGV[2], 'WITHSCORES')}
