-- discard: drop the head of the list if it is exactly the given text (it is quarantined already).
--
-- KEYS  1 bids (list)
-- ARGV  1 the entry's text
-- Returns 1 when dropped, else 0.
-- Never drops anything but the head.

local BIDS = KEYS[1]

if redis.call('LINDEX', BIDS, '0') ~= ARGV[1] then return 0 end
redis.call('LPOP', BIDS)
return 1
