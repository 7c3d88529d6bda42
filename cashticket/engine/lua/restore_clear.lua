-- restore_clear: remove what is left of an auction that is to be restored.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)  4 chances (hash)  5 answers (hash)  6 bids (list)
--       7 people (hash)
-- ARGV  none
-- Returns {'cleared'}, or {'standing'} when bids of it wait, or bidding is open and not paused for restoring.
-- Never drops an accepted bid that waits for the ledger. An auction that was lost forgets its people: nobody could tell it
-- of a change.

local TERMS, STATE, STANDINGS, CHANCES_USED, ANSWERS, BIDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]

if redis.call('LLEN', BIDS) > 0 then return {'standing'} end
local state = redis.call('HMGET', STATE, 'state', 'paused')
if redis.call('EXISTS', TERMS) == 1 and state[1] == 'open' and state[2] ~= 'restoring' then return {'standing'} end
if redis.call('DEL', TERMS) == 0 then redis.call('UNLINK', KEYS[7]) end
redis.call('UNLINK', STATE, STANDINGS, CHANCES_USED, ANSWERS)
return {'cleared'}
