-- open: publish an auction, once.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 identity of the store process that answers (text)  2 ends_at (ms)  3 ... name, value of each term
-- Returns {'new', 'open'}, or {'standing', state, {name, value, ... of its terms}} when it was published before.
-- Never changes an auction that exists.

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]

local standing = redis.call('HGETALL', TERMS)
if standing[1] then return {'standing', redis.call('HGET', STATE, 'state'), standing} end
redis.call('HSET', TERMS, unpack(ARGV, 3))
redis.call('HSET', STATE, 'sequence', '0', 'recorded', '0', 'version', '1', 'ends_at_ms', ARGV[2], 'last_ms', '0',
  'state', 'open', 'checked_on', ARGV[1])
redis.call('PUBLISH', NEWS, 'opened 1')
return {'new', 'open'}
