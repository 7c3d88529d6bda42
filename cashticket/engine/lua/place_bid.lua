-- place_bid: decide one bid, in one atomic step.
--
-- KEYS  1 terms (hash)   2 state (hash)     3 people (hash)   4 standings (sorted set)
--       5 chances (hash) 6 answers (hash)   7 bids (list)     8 news (channel)
-- ARGV  1 person (id)  2 session epoch (integer)  3 amount (won, decimal, without leading zeros)
--       4 request id (text)  5 entries that may wait for the ledger at most
--       6 identity of the store process that answers (text)  7 the amount said once more (won), or ''
--       8 now in ms, or '' for the store's own clock
-- Returns {'unknown_auction'}, {'unknown_person'} or {'stale_session'};
--         {'refused', reason, chances left or ''}; {'paused', reason};
--         {'accepted' | 'replayed', 'sequence nth amount rank winning chances_left cutoff at_ms ends_at_ms'},
--         an accepted one with its entry of the list (JSON) behind.
-- Never writes before the last refusal, never loops, never builds a key, never reads the ledger.

local CHANCES, SEQUENCE_MAX, AMOUNT_MAX, SHIFT, FAR_ABOVE = 3, 4194303, 2147483647, 4194304, 10
local TERMS, STATE, PEOPLE, STANDINGS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local CHANCES_USED, ANSWERS, BIDS, NEWS = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local person, epoch, amount_text, request_id = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local amount = tonumber(amount_text)
local whole = function(number) return string.format('%.0f', number) end

local terms = redis.call('HMGET', TERMS, 'seats', 'minimum', 'step', 'opens_at_ms', 'closes_at_ms', 'soft_close_ms',
  'soft_close_cap_ms', 'maximum')
if not terms[1] then return {'unknown_auction'} end
local seats, minimum, step, opens_at, closes_at = tonumber(terms[1]), tonumber(terms[2]), tonumber(terms[3]),
  tonumber(terms[4]), tonumber(terms[5])
-- Auctions that were published before there were ceilings have none.
local soft_close, soft_close_cap, maximum = tonumber(terms[6]), tonumber(terms[7]), tonumber(terms[8] or AMOUNT_MAX)
local used = tonumber(redis.call('HGET', CHANCES_USED, person) or '0')
local refuse = function(reason) return {'refused', reason, whole(math.max(0, CHANCES - used))} end

-- A repeated request gets its first answer, before any other check and also after closing.
local answer_field = person .. ':' .. request_id
local remembered = redis.call('HGET', ANSWERS, answer_field)
if remembered then
  if string.match(remembered, '^%d+ %d+ (%d+) ') ~= amount_text then return refuse('request_reused') end
  return {'replayed', remembered}
end

local known = redis.call('HGET', PEOPLE, person)
if not known then return {'unknown_person'} end
local permission, known_epoch = string.match(known, '^(%l+):(%d+):')
if epoch > tonumber(known_epoch) then return {'unknown_person'} end
if epoch < tonumber(known_epoch) then return {'stale_session'} end
if permission == 'blocked' then return {'refused', 'blocked', ''} end
if permission ~= 'ok' then return {'refused', 'not_verified', ''} end

local state = redis.call('HMGET', STATE, 'sequence', 'version', 'ends_at_ms', 'last_ms', 'state', 'paused',
  'checked_on')
local sequence, version, ends_at = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
local time = redis.call('TIME')
local now = tonumber(ARGV[8]) or tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
now = math.max(now, tonumber(state[4]))
local paused = state[6] or (state[7] ~= ARGV[6] and 'restarted')
if paused and state[5] == 'open' then return {'paused', paused} end
if now < opens_at then return refuse('not_open') end
if state[5] ~= 'open' or now >= ends_at then return refuse('closed') end

local own_score = tonumber(redis.call('ZSCORE', STANDINGS, person) or '-1')
if used >= CHANCES then return refuse('no_chances_left') end
if amount < minimum then return refuse('below_minimum') end
if amount > maximum then return refuse('too_high') end
if (amount - minimum) % step ~= 0 then return refuse('not_a_step') end
if amount <= math.floor(own_score / SHIFT) then return refuse('not_above_own') end
if sequence >= SEQUENCE_MAX then return refuse('full') end
-- A bid far above the cut-off needs its amount twice. No cut-off is below the minimum, so most bids cost no look at it.
if ARGV[7] ~= amount_text and amount > FAR_ABOVE * minimum then
  local met = redis.call('ZREVRANGE', STANDINGS, whole(seats - 1), whole(seats), 'WITHSCORES')[2]
  local least = met and math.floor(tonumber(met) / SHIFT) or minimum
  if least > 0 and amount > FAR_ABOVE * least then return refuse('far_above') end
end
if redis.call('LLEN', BIDS) >= tonumber(ARGV[5]) then return {'paused', 'backlog'} end

-- Accepted. The score holds amount and sequence in one double below 2^53: higher amount first, then smaller sequence.
local place_before = redis.call('ZREVRANK', STANDINGS, person)
sequence, version, used = sequence + 1, version + 1, used + 1
redis.call('ZADD', STANDINGS, whole(amount * SHIFT + SEQUENCE_MAX - sequence), person)
redis.call('HSET', CHANCES_USED, person, whole(used))
local place = redis.call('ZREVRANK', STANDINGS, person)
local winning = place < seats
local entered = winning and not (place_before and place_before < seats)
local edge = redis.call('ZREVRANGE', STANDINGS, whole(seats - 1), whole(seats), 'WITHSCORES')
local cutoff = edge[2] and math.floor(tonumber(edge[2]) / SHIFT) or minimum

-- Only a bid that enters the top N moves the end. If the top N was full, it displaces the person now at place N+1.
local displaced, alert = '0', '0'
if entered then
  displaced = edge[3] or '0'
  if edge[3] and tonumber(redis.call('HGET', CHANCES_USED, displaced) or '0') < CHANCES then alert = '1' end
  ends_at = math.max(ends_at, math.min(now + soft_close, closes_at + soft_close_cap))
end

local answer = table.concat({whole(sequence), whole(used), amount_text, whole(place + 1), winning and '1' or '0',
  whole(CHANCES - used), whole(cutoff), whole(now), whole(ends_at)}, ' ')
redis.call('HSET', ANSWERS, answer_field, answer)
redis.call('HSET', STATE, 'sequence', whole(sequence), 'version', whole(version), 'ends_at_ms', whole(ends_at),
  'last_ms', whole(now))
local entry = cjson.encode({sequence = whole(sequence), person = person, nth = whole(used),
  amount = amount_text, ms = whole(now), request_id = request_id, ends_at = whole(ends_at), rank = whole(place + 1),
  cutoff = whole(cutoff), displaced = displaced, alert = alert})
redis.call('RPUSH', BIDS, entry)
redis.call('PUBLISH', NEWS, 'bid ' .. whole(version) .. ' ' .. entry)
return {'accepted', answer, entry}
