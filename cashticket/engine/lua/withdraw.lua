-- withdraw: take the standing of a person out of the order of a running auction.
--
-- KEYS  1 terms (hash)  2 state (hash)  3 standings (sorted set)  4 bids (list)  5 news (channel)
-- ARGV  1 person (id)  2 identity of the store process that answers (text)
--       3 now in ms, or '' for the store's own clock
-- Returns {'unknown_auction'}, {'paused', reason}, {'refused', 'closed' | 'full'}, {'nothing'} when the person does not
--         stand, or {'withdrawn', its entry of the list (JSON)}.
-- Never gives a chance back, forgets an answer or moves the end. Its entry has nth 0, as rank the one that the person
-- had, as cut-off the one after it, and as displaced the person who comes in, '0' for none.

local SEQUENCE_MAX, SHIFT = 4194303, 4194304
local TERMS, STATE, STANDINGS, BIDS, NEWS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local person = ARGV[1]
local whole = function(number) return string.format('%.0f', number) end

local terms = redis.call('HMGET', TERMS, 'seats', 'minimum')
if not terms[1] then return {'unknown_auction'} end
local seats, minimum = tonumber(terms[1]), tonumber(terms[2])
local state = redis.call('HMGET', STATE, 'sequence', 'version', 'ends_at_ms', 'last_ms', 'state', 'paused',
  'checked_on')
local paused = state[6] or (state[7] ~= ARGV[2] and 'restarted')
if paused and state[5] == 'open' then return {'paused', paused} end
local time = redis.call('TIME')
local now = tonumber(ARGV[3]) or tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
now = math.max(now, tonumber(state[4]))
if state[5] ~= 'open' or now >= tonumber(state[3]) then return {'refused', 'closed'} end
local score, place = redis.call('ZSCORE', STANDINGS, person), redis.call('ZREVRANK', STANDINGS, person)
if not score then return {'nothing'} end
local sequence, version = tonumber(state[1]) + 1, whole(tonumber(state[2]) + 1)
if sequence > SEQUENCE_MAX then return {'refused', 'full'} end

redis.call('ZREM', STANDINGS, person)
local edge = redis.call('ZREVRANGE', STANDINGS, whole(seats - 1), whole(seats), 'WITHSCORES')
local cutoff = edge[2] and math.floor(tonumber(edge[2]) / SHIFT) or minimum
local entry = cjson.encode({sequence = whole(sequence), person = person, nth = '0',
  amount = whole(math.floor(tonumber(score) / SHIFT)), ms = whole(now), request_id = '', ends_at = state[3],
  rank = whole(place + 1), cutoff = whole(cutoff), displaced = place < seats and edge[1] or '0', alert = '0'})
redis.call('HSET', STATE, 'sequence', whole(sequence), 'version', version, 'last_ms', whole(now))
redis.call('RPUSH', BIDS, entry)
redis.call('PUBLISH', NEWS, 'bid ' .. version .. ' ' .. entry)
return {'withdrawn', entry}
