-- restore_bids: write the next bids of an auction that is being restored, in sequence.
--
-- KEYS  1 terms (hash)  2 standings (sorted set)  3 chances (hash)  4 answers (hash)
-- ARGV  1 person (id)  2 score  3 nth  4 request id (text)  5 remembered answer; the same five for every further bid
-- Returns {'written'}, or {'standing'} when the store has the auction already.
-- With nth 0 it is a withdrawal, which takes the standing of its person out of the order.
-- Never touches an auction that takes bids: without terms an auction takes none.

local TERMS, STANDINGS, CHANCES_USED, ANSWERS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

if redis.call('EXISTS', TERMS) == 1 then return {'standing'} end
for first = 1, #ARGV, 5 do
  local person, score, nth, request_id, answer = ARGV[first], ARGV[first + 1], ARGV[first + 2], ARGV[first + 3],
    ARGV[first + 4]
  if nth == '0' then
    redis.call('ZREM', STANDINGS, person)
  else
    redis.call('ZADD', STANDINGS, score, person)
    redis.call('HSET', CHANCES_USED, person, nth)
    redis.call('HSET', ANSWERS, person .. ':' .. request_id, answer)
  end
end
return {'written'}
