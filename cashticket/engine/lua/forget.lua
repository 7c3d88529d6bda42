-- forget: remove every key of an auction that is settled or voided.
--
-- KEYS  1 state (hash)  2 bids (list)  3 terms  4 people  5 standings  6 chances  7 answers
-- ARGV  none
-- Returns 1 when nothing of the auction is left, else 0.
-- Never removes an auction that is not finished, or an accepted bid that waits for the ledger. Unlinking is done by the
-- store's own thread, so the script is short however many have bid.

local STATE, BIDS, TERMS, PEOPLE = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local STANDINGS, CHANCES_USED, ANSWERS = KEYS[5], KEYS[6], KEYS[7]

-- What holds another kind of value than the engine writes is none of an auction's.
if redis.call('TYPE', BIDS).ok == 'list' then return 0 end
local state = redis.call('TYPE', STATE).ok == 'hash' and redis.call('HGET', STATE, 'state')
if state and state ~= 'settled' and state ~= 'voided' then return 0 end
redis.call('UNLINK', STATE, BIDS, TERMS, PEOPLE, STANDINGS, CHANCES_USED, ANSWERS)
return 1
