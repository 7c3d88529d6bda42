-- restore_clear: remove what is left of an auction that is to be restored.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)  4 chances (hash)  5 answers (hash)  6 bids (list)
--       7 people (hash)
-- ARGV  none
-- Returns {'cleared'}, or {'standing'} when bids of it wait, or bidding is open and not paused for restoring.
-- Never drops an accepted bid that waits for the ledger. An auction that was lost forgets its people: nobody could tell it
-- of a change.

local TERMS, STATE, STANDINGS = KEYS[1], KEYS[2], KEYS[3]
local CHANCES_USED, ANSWERS, BIDS, PEOPLE = KEYS[4], KEYS[5], KEYS[6], KEYS[7]

-- What holds another kind of value than the engine writes is none of an auction's, and then nothing is decided on it.
local standings = redis.call('TYPE', STANDINGS).ok
if redis.call('TYPE', BIDS).ok == 'list' then return {'standing'} end
local state = redis.call('TYPE', STATE).ok == 'hash' and redis.call('HMGET', STATE, 'state', 'paused') or {}
local is_readable = redis.call('TYPE', TERMS).ok == 'hash' and (standings == 'zset' or standings == 'none')
if is_readable and state[1] == 'open' and state[2] ~= 'restoring' then return {'standing'} end
if redis.call('DEL', TERMS) == 0 or redis.call('TYPE', PEOPLE).ok ~= 'hash' then redis.call('UNLINK', PEOPLE) end
redis.call('UNLINK', STATE, STANDINGS, CHANCES_USED, ANSWERS, BIDS)
return {'cleared'}
