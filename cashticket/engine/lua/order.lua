-- order: all ranked bids, best first.
--
-- KEYS  1 terms (hash)  2 standings (sorted set)
-- Returns {'unknown_auction'}, or {'order', {person, score, ...}}.
-- Never writes. Its reply grows with the number of bidders: only settlement and checks call it, never a page.

local TERMS, STANDINGS = KEYS[1], KEYS[2]

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
return {'order', redis.call('ZREVRANGE', STANDINGS, '0', '-1', 'WITHSCORES')}
