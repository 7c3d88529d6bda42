-- restore: the last step of restoring: write terms and state. From here on the store has the auction again.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 identity of the store process that answers (text)  2 sequence  3 version  4 ends_at (ms)  5 last bid at (ms)
--       6 state (open | closing)  7 reason for a pause or ''  8 since when no bids are taken (ms) or ''
--       9 last outage (resume) or ''  10 ... name, value of each term
-- Returns {'restored'}, or {'standing'} when the store has the auction already.
-- Never changes an auction that exists.

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]

if redis.call('EXISTS', TERMS) == 1 then return {'standing'} end
redis.call('HSET', TERMS, unpack(ARGV, 10))
redis.call('HSET', STATE, 'sequence', ARGV[2], 'recorded', ARGV[2], 'version', ARGV[3], 'ends_at_ms', ARGV[4],
  'last_ms', ARGV[5], 'state', ARGV[6], 'checked_on', ARGV[1])
if ARGV[7] ~= '' then redis.call('HSET', STATE, 'paused', ARGV[7]) end
-- What was given back before the stop is in the end.
if ARGV[8] ~= '' then redis.call('HSET', STATE, 'stopped_ms', ARGV[8], 'given_ms', ARGV[8]) end
if ARGV[9] ~= '' then redis.call('HSET', STATE, 'outage', ARGV[9]) end
redis.call('PUBLISH', NEWS, 'state ' .. ARGV[3] .. ' ' .. ARGV[6] .. ' ' .. ARGV[4])
return {'restored'}
