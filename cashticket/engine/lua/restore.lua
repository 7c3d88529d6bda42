-- restore: the last step of restoring: write terms and state. From here on the store has the auction again.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 seats  2 minimum (won)  3 step (won)  4 opens_at (ms)  5 closes_at (ms)  6 soft close (ms)
--       7 soft close cap (ms)  8 alias salt (text)  9 sequence  10 version  11 ends_at (ms)  12 last bid at (ms)
--       13 state (open | closing)  14 reason for a pause or ''  15 identity of the store process that answers (text)
-- Returns {'restored'}, or {'standing'} when the store has the auction already.
-- Never changes an auction that exists.

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]

if redis.call('EXISTS', TERMS) == 1 then return {'standing'} end
redis.call('HSET', TERMS, 'seats', ARGV[1], 'minimum', ARGV[2], 'step', ARGV[3], 'opens_at_ms', ARGV[4],
  'closes_at_ms', ARGV[5], 'soft_close_ms', ARGV[6], 'soft_close_cap_ms', ARGV[7], 'alias_salt', ARGV[8])
redis.call('HSET', STATE, 'sequence', ARGV[9], 'recorded', ARGV[9], 'version', ARGV[10], 'ends_at_ms', ARGV[11],
  'last_ms', ARGV[12], 'state', ARGV[13], 'checked_on', ARGV[15])
if ARGV[14] ~= '' then redis.call('HSET', STATE, 'paused', ARGV[14]) end
redis.call('PUBLISH', NEWS, 'state ' .. ARGV[10] .. ' ' .. ARGV[13] .. ' ' .. ARGV[11])
return {'restored'}
