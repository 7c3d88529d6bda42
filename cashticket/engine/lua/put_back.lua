-- put_back: write accepted bids that the store has lost, each with the number, the moment and the answer it had. With
-- nth 0 it is a withdrawal, which takes the standing of its person out of the order.
--
-- KEYS  1 terms (hash)    2 state (hash)  3 standings (sorted set)  4 chances (hash)
--       5 answers (hash)  6 bids (list)   7 news (channel)
-- ARGV  1 identity of the store process that answers (text)  2 the last number that counts as given from then on
--       3 sequence  4 person (id)  5 score  6 nth  7 request id (text)  8 remembered answer  9 accepted at (ms)
--       10 ends_at after it (ms)  11 entry of the list (JSON); the same nine for every further bid, in sequence
-- Returns {'unknown_auction'}, {'1'}, or {'0'} when the auction takes bids or bidding is over.
-- Never writes a bid whose number the store has given already; never moves end, clock or numbers back.

local TERMS, STATE, STANDINGS, CHANCES_USED = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ANSWERS, BIDS, NEWS = KEYS[5], KEYS[6], KEYS[7]
local whole = function(number) return string.format('%.0f', number) end

if redis.call('EXISTS', TERMS) == 0 then return {'unknown_auction'} end
local state = redis.call('HMGET', STATE, 'sequence', 'version', 'ends_at_ms', 'last_ms', 'state', 'paused',
  'checked_on')
if state[5] ~= 'open' or not (state[6] or state[7] ~= ARGV[1]) then return {'0'} end
local given, ends_at, last_at = tonumber(state[1]), tonumber(state[3]), tonumber(state[4])
local sequence = given

for first = 3, #ARGV, 9 do
  local number, person, score, nth, request_id, answer, at, end_after, entry = unpack(ARGV, first, first + 8)
  if tonumber(number) > sequence then
    if nth == '0' then
      redis.call('ZREM', STANDINGS, person)
    else
      redis.call('ZADD', STANDINGS, score, person)
      redis.call('HSET', CHANCES_USED, person, nth)
      redis.call('HSET', ANSWERS, person .. ':' .. request_id, answer)
    end
    redis.call('RPUSH', BIDS, entry)
    sequence = tonumber(number)
    ends_at, last_at = math.max(ends_at, tonumber(end_after)), math.max(last_at, tonumber(at))
  end
end

sequence = math.max(sequence, tonumber(ARGV[2]))
if sequence == given then return {'1'} end
-- Each number that was given had raised the version, and recording it may have raised it once more.
local version = whole(tonumber(state[2]) + 2 * (sequence - given))
redis.call('HSET', STATE, 'sequence', whole(sequence), 'version', version, 'ends_at_ms', whole(ends_at),
  'last_ms', whole(last_at))
redis.call('PUBLISH', NEWS, 'state ' .. version .. ' open ' .. whole(ends_at))
return {'1'}
