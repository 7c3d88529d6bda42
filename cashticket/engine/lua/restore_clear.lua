-- restore_clear: remove what is left of an auction that is to be restored.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)  4 chances (hash)  5 answers (hash)  6 bids (list)
--       7 people (hash)
-- ARGV  none
-- Returns {'cleared'}, or {'standing'} when bids of it wait, or bidding is open and not paused for restoring.
-- Never drops an accepted bid that waits for the ledger. An auction that was lost forgets its people: nobody could tell it
-- of a change.

local TERMS, STATE, STANDINGS, CHANCES_USED, ANSWERS, BIDS, PEOPLE = unpack(KEYS)

-- What holds another kind of value than the engine writes is none of an auction's, and then nothing is decided on it.
local holds = function(key, kind) return redis.call('TYPE', key).ok == kind end
if holds(BIDS, 'list') then return {'standing'} end
local state = holds(STATE, 'hash') and redis.call('HMGET', STATE, 'state', 'paused') or {}
local is_readable = holds(TERMS, 'hash') and (holds(STANDINGS, 'zset') or holds(STANDINGS, 'none'))
if is_readable and state[1] == 'open' and state[2] ~= 'restoring' then return {'standing'} end
if redis.call('DEL', TERMS) == 0 or not holds(PEOPLE, 'hash') then redis.call('UNLINK', PEOPLE) end
redis.call('UNLINK', STATE, STANDINGS, CHANCES_USED, ANSWERS, BIDS)
return {'cleared'}
