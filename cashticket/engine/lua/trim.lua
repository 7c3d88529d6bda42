-- trim: drop recorded entries from the head of the list and note up to where the ledger has bids.
--
-- KEYS  1 state (hash)  2 bids (list)  3 news (channel)
-- ARGV  1 through sequence  2 entries to look at in this call at most
-- Returns {dropped, more}: `more` is 1 when the call stopped at its limit and must be repeated.
-- Never drops an entry with a higher sequence, or one it cannot read; never marks backwards.

local STATE, BIDS, NEWS = KEYS[1], KEYS[2], KEYS[3]
local through, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole = function(number) return string.format('%.0f', number) end

local state = redis.call('HMGET', STATE, 'sequence', 'recorded', 'version')
local dropped, last = 0, 0
for _, raw in ipairs(redis.call('LRANGE', BIDS, '0', whole(most - 1))) do
  local readable, entry = pcall(cjson.decode, raw)
  local sequence = readable and type(entry) == 'table' and tonumber(entry.sequence)
  if not sequence or sequence > through then break end
  dropped, last = dropped + 1, sequence
end

local more = dropped == most
if dropped > 0 then redis.call('LPOP', BIDS, whole(dropped)) end
-- The list is emptied even if everything else of the auction was lost.
if not state[1] then return {dropped, more and 1 or 0} end
local recorded = more and last or math.min(through, tonumber(state[1]))
if recorded > tonumber(state[2]) then
  local version = whole(tonumber(state[3]) + 1)
  redis.call('HSET', STATE, 'recorded', whole(recorded), 'version', version)
  redis.call('PUBLISH', NEWS, 'recorded ' .. version .. ' ' .. whole(recorded))
end
return {dropped, more and 1 or 0}
