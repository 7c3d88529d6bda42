-- open: publish an auction, once.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 news (channel)
-- ARGV  1 seats  2 minimum (won)  3 step (won)  4 opens_at (ms)  5 closes_at (ms)  6 soft close (ms)
--       7 soft close cap (ms)  8 alias salt (text)  9 identity of the store process that answers (text)
-- Returns {'new' | 'same' | 'other', state afterwards}; 'other' when other terms were published before.
-- Never changes an auction that exists.

local TERMS, STATE, NEWS = KEYS[1], KEYS[2], KEYS[3]
local FIELDS = {'seats', 'minimum', 'step', 'opens_at_ms', 'closes_at_ms', 'soft_close_ms', 'soft_close_cap_ms',
  'alias_salt'}

local standing = redis.call('HMGET', TERMS, unpack(FIELDS))
if standing[1] then
  local state = redis.call('HGET', STATE, 'state')
  for position in ipairs(FIELDS) do
    if standing[position] ~= ARGV[position] then return {'other', state} end
  end
  return {'same', state}
end

local pairs_to_set = {}
for position, field in ipairs(FIELDS) do
  table.insert(pairs_to_set, field)
  table.insert(pairs_to_set, ARGV[position])
end
redis.call('HSET', TERMS, unpack(pairs_to_set))
redis.call('HSET', STATE, 'sequence', '0', 'recorded', '0', 'version', '1', 'ends_at_ms', ARGV[5], 'last_ms', '0',
  'state', 'open', 'checked_on', ARGV[9])
redis.call('PUBLISH', NEWS, 'opened 1')
return {'new', 'open'}
